import type { AlertsParts, Channels } from '../../src/alerts/alerts.ts';
import { Mailer } from '../../src/alerts/mail/mailer.ts';
import { newMailKey } from '../../src/alerts/mail/mime.ts';
import type { Sender } from '../../src/alerts/message.ts';
import { newEntry } from '../../src/alerts/outbox.ts';
import { type Config, type EmailConfig, MAIL } from '../../src/config/config.ts';
import type { MailAddress } from '../../src/config/schema/address.ts';
import { trust } from '../../src/http/trust.ts';
import { DONE, failed } from '../../src/model/result.ts';
import type { HostReport, SiteResult, StageResult } from '../../src/model/test-result.ts';
import { freshState, type OutboxEntry, type State, type StateStore } from '../../src/state/store.ts';
import { realSystem } from '../../src/system/real-system.ts';
import type { System } from '../../src/system/system.ts';
import { probeConfig } from '../support/probe.ts';
import { REJECTED } from '../support/results.ts';
import { simulatedSite } from '../support/site.ts';

/** A machine whose time passes when a test says so; all else is real. */
export interface TestSystem extends System {
  /** The wall clock. */
  clock: Date;
  /** Sets both clocks on. Ends no wait. */
  advance(ms: number): void;
  /** The waits that go on now, in ms. */
  waits(): number[];
  /** Ends the wait that was begun with `ms`. Throws if there is none. */
  strike(ms: number): void;
}

/** A machine whose waits never end by themselves, so that a deadline strikes where a test wants it to and nowhere else. */
export function testSystem(start = '2018-11-14T05:18:02.000Z'): TestSystem {
  const waiting = new Set<{ readonly ms: number; readonly end: () => void }>();
  let ahead = 0;
  const system: TestSystem = {
    ...realSystem({}),
    hostname: 'monitor1',
    clock: new Date(start),
    now: () => new Date(system.clock),
    monotonic: () => performance.now() + ahead,
    advance: (ms) => {
      system.clock = new Date(system.clock.getTime() + ms);
      ahead += ms;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const wait = { ms, end: resolve };
        const abort = () => {
          waiting.delete(wait);
          reject(signal?.reason);
        };
        if (signal?.aborted) return abort();
        waiting.add(wait);
        signal?.addEventListener('abort', abort, { once: true });
      }),
    waits: () => [...waiting].map(({ ms }) => ms),
    strike: (ms) => {
      const wait = [...waiting].find((each) => each.ms === ms);
      if (wait === undefined) throw new Error(`nobody waits ${ms} ms, but ${system.waits().join(', ')}`);
      waiting.delete(wait);
      wait.end();
    },
  };
  return system;
}

/** A state without a file. `fault` is why it can't be saved. */
export function memoryStore(
  state: State = freshState(),
): StateStore & { saves: number; fault: string | null } {
  const store = {
    state,
    saves: 0,
    fault: null as string | null,
    save: () => {
      store.saves += 1;
      return store.fault === null ? DONE : failed(store.fault);
    },
  };
  return store;
}

export const OK: StageResult = { outcome: 'ok', ms: 5.002, detail: '' };
export const SILENT_INSIDE: StageResult = {
  outcome: 'timeout',
  cause: 'inside-unreachable',
  detail: 'no reply to 5 echo requests',
};

export function result(
  time: Date | string,
  stages: readonly [StageResult, StageResult, StageResult] = [OK, OK, OK],
  more: { site?: string; host?: HostReport; left?: readonly string[]; transcript?: string } = {},
): SiteResult {
  return {
    site: more.site ?? 'site1',
    time: new Date(time),
    stages,
    host: more.host ?? new Map(),
    left: more.left ?? [],
    transcript: more.transcript ?? '',
  };
}

export const up = (time: Date | string, site = 'site1') => result(time, [OK, OK, OK], { site });
export const down = (time: Date | string, site = 'site1') =>
  result(time, [OK, REJECTED, SILENT_INSIDE], { site });

/** Nobody told the monitor anything. */
export const NO_ORDERS: AlertsParts['control'] = {
  read: () => ({ orders: [], problems: [] }),
  remove: () => DONE,
};

export const SENDER: Sender = {
  hostname: 'monitor1',
  version: '1.0.0',
  dir: '/srv/results',
  file: 'result',
  log: '/srv/results/monitoring.log',
  config: '/etc/vpn-monitor/config.yml',
  subjects: 'cause',
};

/** Somebody without a name. */
export const mailbox = (address: string): MailAddress => ({ name: '', address });

export function emailConfig(port: number, more: Partial<EmailConfig> = {}): EmailConfig {
  return {
    key: 'logging.email',
    host: '127.0.0.1',
    port,
    security: 'auto',
    ca: undefined,
    auth: undefined,
    from: mailbox('vpn-monitor@example.com'),
    to: [mailbox('noc@example.com')],
    ...more,
  };
}

/** The default, with the subjects of 1.0.0 (message.test.ts has the others) and a message for each event. */
export const ALERTS: Config['alerts'] = { ...probeConfig().alerts, groupSeconds: 0, subjects: 'classic' };

/** Two sites of the client startct, every 10 minutes. */
export function config(email: EmailConfig | undefined, more: Partial<Config> = {}): Config {
  const site = (name: string) =>
    simulatedSite('site1.example.com', { name, externalIp: '192.0.2.10', internalIp: '10.0.0.1' });
  const { logging, ...others } = probeConfig();
  return {
    ...others,
    alerts: ALERTS,
    frequency: 600,
    logging: { ...logging, dir: '/srv/results', email },
    sites: [site('site1'), site('site2')],
    ...more,
  };
}

/** Nothing is secret. */
export const noRedact = (text: string) => text;

/** Making one takes 60 ms. */
let context: ReturnType<typeof trust> | undefined;

/** Mail through the config's server, if it names one. */
export function mailChannels(system: System): Channels {
  const secureContext = () => {
    context ??= trust(undefined, system);
    return context;
  };
  return ({ logging: { email } }, redact) =>
    new Map(
      email && [[MAIL, new Mailer(email, { system, redact, secureContext, attachments: '/nonexistent' })]],
    );
}

/** A message for a mail server that nobody has tried to send yet. */
export function unsent({
  email,
  at,
  ...message
}: { email: EmailConfig; at: Date } & Pick<OutboxEntry, 'about' | 'subject'>): OutboxEntry {
  const { subject } = message;
  const created = at.toISOString();
  const key = newMailKey(email);
  return newEntry({ ...message, key, channel: MAIL, text: `${subject}\n`, created, replyTo: null });
}

/** The headers of every mail, in order. */
export const HEADERS = [
  'Auto-Submitted',
  'From',
  'To',
  'Subject',
  'Message-ID',
  'Date',
  'Content-Transfer-Encoding',
  'MIME-Version',
  'Content-Type',
];
