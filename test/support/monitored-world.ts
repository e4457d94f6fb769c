import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWorld, type World, type WorldProcess } from './world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIL_PORT = 2525;
/** The password in every config here: found nowhere by chance. */
export const WORLD_PASSWORD = 'Gl0b#rt-Pa55/w"rd';

/** A world with the built program, the simulated startct in its PATH, and, if asked for, a mail server. */
export interface MonitoredWorld extends World {
  /** Writes config.yml: `sites` maps names to the simulated client's behaviours (test/fixtures/startct). */
  config(sites: Readonly<Record<string, string>>, more?: string): void;
  /** Starts `vpn-monitor ARGS` in the world's folder. */
  monitor(args?: readonly string[], env?: Record<string, string>): WorldProcess;
  /** Starts the mail server, ready when it resolves. */
  mailServer(): Promise<WorldProcess>;
  /** The mails so far, decoded, in the order they came. */
  mails(): string[];
  /** The lines of today's CSV files, header and all. */
  csv(): string[];
  log(): string;
  /** What was typed at the client, as `key=value` lines. */
  typed(): string[];
}

/** Waits until `condition` gives something true. Throws after `seconds`, saying `what`. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | null,
  seconds = 40,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Makes a {@link MonitoredWorld}. The program is the built one in dist. */
export function createMonitoredWorld(): MonitoredWorld {
  const world = createWorld();
  const at = (...names: string[]) => path.join(world.folder, ...names);
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  copyFileSync(path.join(ROOT, 'test/fixtures/startct'), at('bin', 'startct'));
  mkdirSync(at('mails'));
  const env = { SIM_TYPED: at('typed'), SIM_RESOLV: at('resolv.conf') };
  writeFileSync(at('resolv.conf'), 'nameserver 192.0.2.53\n');
  return {
    ...world,
    config: (sites, more = '') => {
      const list = Object.entries(sites).map(
        ([name, gateway]) =>
          `  ${name}: { external_ip: 127.0.0.1, vpn_gw: ${gateway}, internal_ip: 127.0.0.1, username: monitor, password: '${WORLD_PASSWORD}', realm: corp, timeout: 60 }`,
      );
      const text = `logging:
  dir: results
  file: result
  email: { server: '127.0.0.1:${MAIL_PORT}', security: none, from: monitor@example.com, to: noc@example.com }
sites:
${list.join('\n')}
ping: { count: 1, timeout: 3 }
dns: { file: ${at('resolv.conf')}, restore: [cp, ${at('resolv.good')}, ${at('resolv.conf')}] }
cleanup: { settle_seconds: 0 }
${more.includes('frequency:') ? '' : 'frequency: 600\n'}${more}
`;
      writeFileSync(at('resolv.good'), 'nameserver 192.0.2.53\n');
      writeFileSync(at('config.yml'), text, { mode: 0o600 });
    },
    monitor: (args = [], more = {}) =>
      world.start([process.execPath, path.join(ROOT, 'dist/main.js'), ...args], { ...env, ...more }),
    mailServer: async () => {
      const server = world.start([
        process.execPath,
        path.join(ROOT, 'test/fixtures/mail-server.mjs'),
        String(MAIL_PORT),
        at('mails'),
      ]);
      await until('the mail server listens', () => server.stdout().includes('listening'));
      return server;
    },
    mails: () =>
      readdirSync(at('mails'))
        .filter((name) => name.endsWith('.eml'))
        .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
        .map((name) =>
          readFileSync(at('mails', name), 'utf8').replaceAll('\r\n', '\n').replaceAll('=\n', ''),
        ),
    csv: () => {
      if (!existsSync(at('results'))) return [];
      return readdirSync(at('results'))
        .filter((name) => name.endsWith('.csv'))
        .flatMap((name) => readFileSync(at('results', name), 'utf8').split('\n').slice(0, -1));
    },
    log: () => read(at('results', 'monitoring.log')),
    typed: () => read(at('typed')).split('\n').slice(0, -1),
  };
}
