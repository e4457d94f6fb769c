import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { MAIN, ROOT } from './paths.ts';
import { unlessSaid } from './unless-said.ts';
import { until } from './until.ts';
import { createWorld, type World, type WorldProcess } from './world.ts';

/** Where the mail server listens that every config here names. */
export const MAIL_PORT = 2525;
/** The password in every config here: found nowhere by chance. */
export const WORLD_PASSWORD = 'Gl0b#rt-Pa55/w"rd';
/** A time zone in which it is about noon: no midnight comes into a test that counts files or headers. */
export const NOON = `Etc/GMT${new Date().getUTCHours() < 12 ? '' : '+'}${new Date().getUTCHours() - 12}`;
/** First line of a CSV file. */
export const CSV_HEADER = 'Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms';

/** The name of the CSV file of today as it is in {@link NOON}. */
export function csvNameAtNoon(): string {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: NOON, dateStyle: 'short' }).format(new Date());
  return `result_${day.replaceAll('-', '').slice(2)}.csv`;
}

/** Keys of a site in config.yml; `undefined` leaves one out. */
export type SiteSettings = Readonly<Record<string, unknown>>;

/** A site that works, but for its gateway. */
const SITE: SiteSettings = {
  external_ip: '127.0.0.1',
  internal_ip: '127.0.0.1',
  username: 'monitor',
  password: WORLD_PASSWORD,
  realm: 'corp',
  timeout: 60,
};

/** A world with the built program, the simulated startct in its PATH, and, if asked for, a mail server. */
export interface MonitoredWorld extends World {
  /**
   * Writes config.yml: `sites` maps names to the simulated client's behaviours (test/fixtures/startct) or to what is
   * special about a site, `email` adds keys to logging.email. `more` adds keys, and replaces those that all have here.
   */
  config(sites: Readonly<Record<string, string | SiteSettings>>, more?: string, email?: string): void;
  /** Starts `vpn-monitor ARGS` in the world's folder; `prefix` is a program that starts another one. */
  monitor(args?: readonly string[], env?: Record<string, string>, prefix?: readonly string[]): WorldProcess;
  /** What the gateway "switched" does from now on. */
  gateway(behaviour: string): void;
  /** Starts the mail server, ready when it resolves. */
  mailServer(port?: number): Promise<WorldProcess>;
  /** Starts a server that says `connected` here at each connection and there never a word, ready when it resolves. */
  silentServer(port?: number): Promise<WorldProcess>;
  /** The mails so far, decoded, in the order they came. */
  mails(): string[];
  /** A path in the world's folder. */
  at(...names: string[]): string;
  /** A file in the world's folder as it is seen inside; empty if there is none. */
  read(...names: string[]): string;
  /** The lines of today's CSV files, header and all. */
  csv(): string[];
  log(): string;
  /** What was typed at the client, as `key=value` lines. */
  typed(): string[];
}

/** Makes a {@link MonitoredWorld}. The program is the built one in dist. */
export function createMonitoredWorld(): MonitoredWorld {
  const world = createWorld();
  const at = (...names: string[]) => path.join(world.folder, ...names);
  const seen = (...names: string[]) => path.join(world.view, at(...names));
  const read = (...names: string[]) => {
    try {
      return readFileSync(seen(...names), 'utf8');
    } catch (error) {
      // The monitor may remove a file at any moment.
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
      throw error;
    }
  };
  const fixture = (name: string) => path.join(ROOT, 'test/fixtures', name);
  const listening = async (name: string, ...args: string[]) => {
    const server = world.start([process.execPath, fixture(name), ...args]);
    await until(`${name} listens`, () => server.stdout().includes('listening'));
    return server;
  };
  copyFileSync(fixture('startct'), at('bin', 'startct'));
  mkdirSync(at('mails'));
  const env = { SIM_TYPED: at('typed'), SIM_RESOLV: at('resolv.conf'), SIM_SWITCH: at('switch') };
  writeFileSync(at('resolv.conf'), 'nameserver 192.0.2.53\n');
  return {
    ...world,
    at,
    read,
    config: (sites, more = '', email = '') => {
      const list = Object.entries(sites).map(([name, site]) => {
        const settings = typeof site === 'string' ? { vpn_gw: site } : site;
        return `  ${name}: ${JSON.stringify({ ...SITE, ...settings })}`;
      });
      const resolv = at('resolv.conf');
      const common = unlessSaid(
        [
          `logging: { dir: results, file: result, email: { server: '127.0.0.1:${MAIL_PORT}', security: none, from: monitor@example.com, to: noc@example.com${email === '' ? '' : `, ${email}`} } }`,
          'ping: { count: 1, timeout: 3 }',
          `dns: { file: ${resolv}, restore: [cp, ${at('resolv.good')}, ${resolv}] }`,
          'cleanup: { settle_seconds: 0 }',
          'frequency: 600',
        ],
        more,
      );
      const text = ['sites:', ...list, ...common, more, ''].join('\n');
      writeFileSync(at('resolv.good'), 'nameserver 192.0.2.53\n');
      writeFileSync(at('config.yml'), text, { mode: 0o600 });
    },
    monitor: (args = [], more = {}, prefix = []) =>
      world.start([...prefix, process.execPath, MAIN, ...args], {
        ...env,
        ...more,
      }),
    gateway: (behaviour) => {
      writeFileSync(at('switch.new'), `${behaviour}\n`);
      renameSync(at('switch.new'), at('switch'));
    },
    mailServer: (port = MAIL_PORT) => listening('mail-server.mjs', String(port), at('mails')),
    silentServer: (port = MAIL_PORT) => listening('silent-server.mjs', String(port)),
    mails: () =>
      readdirSync(at('mails'))
        .filter((name) => name.endsWith('.eml'))
        .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
        .map((name) => decoded(readFileSync(at('mails', name), 'utf8'))),
    csv: () => {
      if (!existsSync(seen('results'))) return [];
      return readdirSync(seen('results'))
        .filter((name) => name.endsWith('.csv'))
        .flatMap((name) => read('results', name).split('\n').slice(0, -1));
    },
    log: () => read('results', 'monitoring.log'),
    typed: () => read('typed').split('\n').slice(0, -1),
  };
}

/** A mail as it reads: its header lines unfolded, its quoted-printable text decoded (RFC 2045, 6.7). */
function decoded(mail: string): string {
  const [header = '', ...body] = mail.replaceAll('\r\n', '\n').split('\n\n');
  const text = body
    .join('\n\n')
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return `${header.replace(/\n[ \t]+/g, ' ')}\n\n${Buffer.from(text, 'latin1').toString('utf8')}`;
}
