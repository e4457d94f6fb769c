import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Delivery } from '../../../src/alerts/delivery.ts';
import type { EmailConfig } from '../../../src/config/config.ts';
import { MAIL } from '../../../src/config/config.ts';
import { createRedactor } from '../../../src/log/redact.ts';
import type { Measure, MessageFate } from '../../../src/model/metrics-event.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { OutboxEntry } from '../../../src/state/store.ts';
import { never } from '../../support/never.ts';
import { recordingLog } from '../../support/recording-log.ts';
import {
  DROP,
  freePort,
  type Script,
  type ScriptedServer,
  SILENCE,
  startScriptedServer,
  withResolvers,
} from '../../support/scripted-smtp-server.ts';
import { PATIENT } from '../../support/until.ts';
import {
  config,
  emailConfig,
  mailbox,
  mailChannels,
  memoryStore,
  type TestSystem,
  testSystem,
  unsent,
} from '../support.ts';

let system: TestSystem;
let log: ReturnType<typeof recordingLog>;
let store: ReturnType<typeof memoryStore>;
let servers: ScriptedServer[];
/** What the metrics were told. */
let fates: MessageFate[];
/** The subjects of those that may have arrived and are not tried again. */
let given: string[];
beforeEach(() => {
  system = testSystem();
  log = recordingLog();
  store = memoryStore();
  servers = [];
  fates = [];
  given = [];
});
afterEach(async () => {
  for (const server of servers) await server.close();
});

async function start(script: Script = {}, port = 0): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, port);
  servers.push(server);
  return server;
}

function mailer(email: EmailConfig): Delivery {
  const redact = createRedactor([new Secret('hunter2')]);
  const channel = mailChannels(system)(config(email), redact).get(MAIL);
  if (channel === undefined) throw new Error('no mail');
  const save = () => void store.save();
  const unconfirmed = ({ subject }: OutboxEntry) => void given.push(subject);
  const measure: Measure = (event) => void (event.kind === 'mailed' && fates.push(event.fate));
  const warned = new Set<string>();
  const open = () => [];
  const parts = { state: store.state, system, log, measure, save, warned, unconfirmed, open };
  return new Delivery(MAIL, channel, parts);
}

function enqueue(email: EmailConfig, subject: string, about = 'site1'): void {
  store.state.outbox.push(unsent({ email, at: system.now(), about, subject }));
}

const subjects = (messages: readonly string[]) =>
  messages.map((raw) => /^Subject: (.*)$/m.exec(raw)?.[1]?.trim());
const header = (raw: string | undefined, name: string) =>
  new RegExp(`^${name}: (.*?)\r?$`, 'm').exec(raw ?? '')?.[1];
const waiting = () => store.state.outbox.map(({ subject }) => subject);
const secondsToNext = (each: Delivery) => {
  const next = each.nextDue(system.now());
  return next === null ? null : Math.round((next.getTime() - system.now().getTime()) / 1000);
};
const rcpts = (server: ScriptedServer) => server.lines.filter((line) => line.startsWith('RCPT'));

describe('the mailer', () => {
  test('sends what waits, in order, over one connection, and forgets it', async () => {
    const server = await start();
    const email = emailConfig(server.port);
    for (const subject of ['one', 'two', 'three']) enqueue(email, subject);
    const each = mailer(email);
    expect(secondsToNext(each)).toBe(0);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['one', 'two', 'three']);
    expect(server.connections).toBe(1);
    expect(waiting()).toEqual([]);
    // Before the first is sent, and after each.
    expect(store.saves).toBe(4);
    expect(each.nextDue(system.now())).toBeNull();
    expect(log.lines[0]).toBe('INFO Mail sent: "one" to noc@example.com: 250 queued as 4711');
    expect(fates).toEqual(['delivered', 'delivered', 'delivered']);
  });

  test('connects to nobody when nothing waits', async () => {
    const server = await start();
    await mailer(emailConfig(server.port)).deliver(never);
    expect(server.connections).toBe(0);
  });

  test("tries again with the same Message-ID and Date (the script's fault: none if the server is down once)", async () => {
    const port = await freePort();
    const email = emailConfig(port);
    enqueue(email, 'one');
    const each = mailer(email);
    await each.deliver(never);
    const server = await start({ END: (_, count) => (count === 1 ? '452 disk full' : '250 ok') }, port);
    system.advance(30_000);
    await each.deliver(never);
    system.advance(120_000);
    await each.deliver(never);
    expect(server.messages).toHaveLength(2);
    const [first, second] = server.messages;
    expect(second).toBe(first);
    expect(header(first, 'Message-ID')).toMatch(/^<.*@example\.com>$/);
    expect(header(first, 'Date')).toBe('Wed, 14 Nov 2018 05:18:02 +0000');
    expect(waiting()).toEqual([]);
    expect(fates).toEqual(['failed', 'failed', 'delivered']);
  });

  test('backs off from 30 s to 30 min, and says how things stand', async () => {
    const port = await freePort();
    const email = emailConfig(port);
    enqueue(email, 'one');
    const each = mailer(email);
    const waits: (number | null)[] = [];
    for (let n = 0; n < 9; n += 1) {
      await each.deliver(never);
      waits.push(secondsToNext(each));
      await each.deliver(never);
      system.advance((waits.at(-1) ?? 0) * 1000);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
    expect(store.state.outbox[0]?.tries).toBe(9);
    expect(log.lines[0]).toMatch(
      new RegExp(
        `^ERROR Mail not sent: 127.0.0.1:${port} refuses the connection \\(see logging.email.server\\); 1 waiting, next try at \\d\\d:\\d\\d$`,
      ),
    );
    expect(log.lines).toHaveLength(9);
  });

  test('gives up after 7 days and 100 tries, both, and says so', async () => {
    const port = await freePort();
    const email = emailConfig(port);
    enqueue(email, 'one');
    const each = mailer(email);
    const [mail] = store.state.outbox;
    if (mail === undefined) throw new Error('no mail');
    store.state.outbox = [{ ...mail, tries: 98 }];
    system.advance(7 * 86_400_000);
    await each.deliver(never);
    expect(waiting()).toEqual(['one']);
    system.advance(1_800_000);
    await each.deliver(never);
    expect(waiting()).toEqual([]);
    expect(log.lines.filter((line) => line.startsWith('CRITICAL'))).toEqual([
      `CRITICAL Mail given up after 100 tries: "one" to noc@example.com: 127.0.0.1:${port} refuses the connection`,
    ]);
    expect(fates).toEqual(['failed', 'failed', 'lost']);
  });

  test.each<[string, Script]>([
    ['closes at once', { GREETING: DROP }],
    ['closes at EHLO', { EHLO: DROP }],
    ['closes at MAIL', { MAIL: DROP }],
    ['closes at RCPT', { RCPT: DROP }],
    ['closes at DATA', { DATA: DROP }],
    ['has no room for a session', { GREETING: '421 too busy' }],
    ['refuses sessions', { GREETING: '554 go away' }],
  ])('ends the attempt for the whole queue at a server that %s', async (_, script) => {
    const server = await start(script);
    const { each, attempt } = await attemptThree(server);
    await attempt;
    await recovers(server, each);
  });

  test.each<[string, Script, number]>([
    ['never greets', { GREETING: SILENCE }, 300_000],
    ['drips', { GREETING: { drip: '220 slow' } }, 300_000],
    ['hangs at MAIL', { MAIL: SILENCE }, 300_000],
    ['hangs at DATA', { DATA: SILENCE }, 120_000],
  ])('ends it in time at a server that %s', async (_, script, limit) => {
    const server = await start(script);
    const { each, attempt } = await attemptThree(server);
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    system.strike(limit);
    await attempt;
    await recovers(server, each);
  });

  async function attemptThree(server: ScriptedServer) {
    const email = emailConfig(server.port);
    for (const site of ['site1', 'site2', 'site3']) enqueue(email, site, site);
    const each = mailer(email);
    return { each, attempt: each.deliver(never) };
  }

  async function recovers(server: ScriptedServer, each: Delivery) {
    expect(server.connections).toBe(1);
    expect(waiting()).toEqual(['site1', 'site2', 'site3']);
    expect(secondsToNext(each)).toBe(30);
    server.script = {};
    system.advance(30_000);
    await each.deliver(never);
    expect(subjects(server.accepted).sort()).toEqual(['site1', 'site2', 'site3']);
    expect(waiting()).toEqual([]);
  }

  test('asks a server that hangs at every mail less and less', async () => {
    const server = await start({ MAIL: SILENCE });
    const email = emailConfig(server.port);
    enqueue(email, 'one');
    const each = mailer(email);
    const pauses: (number | null)[] = [];
    for (let n = 1; n <= 3; n += 1) {
      const attempt = each.deliver(never);
      await expect.poll(() => server.stuck, PATIENT).toHaveLength(n);
      system.strike(300_000);
      await attempt;
      pauses.push(secondsToNext(each));
      system.advance((pauses.at(-1) ?? 0) * 1000);
    }
    expect(pauses).toEqual([30, 60, 120]);
  });

  test('a mail that makes the server fall silent stops no other, of its own site neither', async () => {
    const server = await start();
    const email = emailConfig(server.port);
    enqueue(email, 'poison');
    enqueue(email, 'recovery');
    enqueue(email, 'fine', 'site2');
    server.script = { END: () => (subjects(server.messages).at(-1) === 'poison' ? DROP : '250 ok') };
    const each = mailer(email);
    await each.deliver(never);
    expect(secondsToNext(each)).toBe(30);
    system.advance(30_000);
    await each.deliver(never);
    expect(subjects(server.accepted).sort()).toEqual(['fine', 'recovery']);
    expect(waiting()).toEqual(['poison']);
  });

  test('waits ten minutes for an answer in the background, one attempt at a time, and sends the mail once', async () => {
    const answer = withResolvers();
    const server = await start({ END: (_, count) => (count === 1 ? { later: answer.promise } : '250 ok') });
    const email = emailConfig(server.port);
    enqueue(email, 'failure');
    const each = mailer(email);
    let returned = false;
    const first = each.deliver(never).then(() => {
      returned = true;
    });
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    expect(returned).toBe(false);
    system.strike(5000);
    await first;
    expect(each.nextDue(system.now())).toBeNull();
    // The next tests end, and the site is back.
    for (const subject of ['recovery', 'other']) {
      system.advance(75_000);
      enqueue(email, subject, subject === 'other' ? 'site2' : 'site1');
      const later = each.deliver(never);
      system.strike(0);
      await later;
    }
    expect(server.connections).toBe(1);
    expect(server.messages).toHaveLength(1);
    answer.resolve('250 at last');
    await expect.poll(() => waiting(), PATIENT).toEqual(['recovery', 'other']);
    await expect.poll(() => secondsToNext(each), PATIENT).toBe(0);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['failure', 'recovery', 'other']);
    expect(store.state.outbox).toEqual([]);
    expect(fates).toEqual(['delivered', 'delivered', 'delivered']);
  });

  test('a greeting that takes 12 s holds up nobody for longer than the head start', async () => {
    const greeting = withResolvers();
    const server = await start({ GREETING: { later: greeting.promise } });
    const email = emailConfig(server.port);
    enqueue(email, 'one');
    const each = mailer(email);
    const attempt = each.deliver(never);
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    system.strike(5000);
    await attempt;
    system.advance(12_000);
    greeting.resolve('220 after its look-ups');
    await expect.poll(() => waiting(), PATIENT).toEqual([]);
    expect(subjects(server.accepted)).toEqual(['one']);
    expect(log.lines).toEqual(['INFO Mail sent: "one" to noc@example.com: 250 queued as 4711']);
  });

  test.each<[string, Script, number | null, string]>([
    ['never answers', { END: SILENCE }, 600_000, 'timed out: no answer to the message within 10 min'],
    ['closes', { END: DROP }, null, 'closed the connection'],
  ])(
    'a server that takes each mail and %s gets it three times, an hour and twelve hours apart, and the log says so',
    async (_, script, limit, why) => {
      const server = await start(script);
      const email = emailConfig(server.port);
      enqueue(email, 'one');
      const started = system.now().getTime();
      const at: number[] = [];
      for (let n = 1; n <= 3; n += 1) {
        // Each from another start of the program.
        const each = mailer(email);
        at.push((each.nextDue(system.now())?.getTime() ?? 0) - started);
        const attempt = each.deliver(never);
        if (limit !== null) {
          await expect.poll(() => server.stuck, PATIENT).toHaveLength(n);
          system.strike(limit);
        }
        await attempt;
        system.advance((secondsToNext(each) ?? 0) * 1000);
      }
      expect(at).toEqual([0, 3600_000, 13 * 3600_000]);
      expect(new Set(server.messages).size).toBe(1);
      expect(server.messages).toHaveLength(3);
      expect(waiting()).toEqual([]);
      expect(given).toEqual(['one']);
      expect(fates).toEqual(['failed', 'failed', 'unconfirmed', 'failed']);
      const where = `127.0.0.1:${server.port}`;
      const line = `ERROR Mail may have been delivered: "one" to noc@example.com: ${where} ${why} (see logging.email.server); `;
      expect(log.lines.map((each) => each.slice(0, line.length))).toEqual([line, line, line]);
      expect(log.lines.map((each) => each.slice(line.length))).toEqual([
        expect.stringMatching(/^next try at \d\d:\d\d$/),
        expect.stringMatching(/^next try at \d\d:\d\d$/),
        'not tried again',
      ]);
    },
  );

  test('a stop that ends the wait for the answer counts: the mail is not sent at the next start', async () => {
    const server = await start({ END: SILENCE });
    const email = emailConfig(server.port);
    enqueue(email, 'one');
    const stop = new AbortController();
    const attempt = mailer(email).deliver(stop.signal);
    await expect.poll(() => server.stuck, PATIENT).toHaveLength(1);
    stop.abort();
    await attempt;
    expect(store.state.outbox).toMatchObject([{ subject: 'one', doubts: 1, tries: 1 }]);
    const again = mailer(email);
    expect(secondsToNext(again)).toBe(3600);
    server.script = {};
    await again.deliver(never);
    expect(server.messages).toHaveLength(1);
    system.advance(3600_000);
    await again.deliver(never);
    expect(server.messages).toHaveLength(2);
    expect(waiting()).toEqual([]);
  });

  test('opens another connection where the server ends each after one mail', async () => {
    const server = await start({ END: '250 ok\r\n421 one a connection' });
    const email = emailConfig(server.port);
    enqueue(email, 'one');
    enqueue(email, 'two');
    const each = mailer(email);
    await each.deliver(never);
    system.advance(30_000);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['one', 'two']);
    expect(waiting()).toEqual([]);
  });

  test('a stop in the middle costs no try', async () => {
    const server = await start({ MAIL: SILENCE });
    const email = emailConfig(server.port);
    enqueue(email, 'one');
    const stop = new AbortController();
    const each = mailer(email);
    const attempt = each.deliver(stop.signal);
    await expect.poll(() => server.lines.some((line) => line.startsWith('MAIL')), PATIENT).toBe(true);
    stop.abort();
    await attempt;
    expect(store.state.outbox[0]).toMatchObject({ tries: 0, nextTry: null });
    expect(log.lines).toEqual([]);
    await each.deliver(stop.signal);
    expect(server.connections).toBe(1);
  });

  test('sends all that waits over a connection that began in its head start, but begins none later', async () => {
    const server = await start({
      END: (_, count) => {
        system.advance(40_000);
        return count === 2 ? '554 spam' : '250 ok';
      },
    });
    const email = emailConfig(server.port);
    for (const subject of ['one', 'two', 'three']) enqueue(email, subject, subject);
    const each = mailer(email);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['one']);
    expect(server.connections).toBe(1);
    expect(secondsToNext(each)).toBe(0);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['one', 'three']);
  });

  test('a clock that was set back by a year delays nothing', async () => {
    const server = await start({ END: (_, count) => (count === 1 ? '451 later' : '250 ok') });
    const email = emailConfig(server.port);
    enqueue(email, 'one');
    const each = mailer(email);
    await each.deliver(never);
    system.clock = new Date(system.clock.getTime() - 365 * 86_400_000);
    expect(secondsToNext(each)).toBe(0);
    await each.deliver(never);
    expect(waiting()).toEqual([]);
  });
});

describe('a mail that is refused', () => {
  test('for good does not stop the others, of its own site neither; they leave in order', async () => {
    const server = await start({ MAIL: (_, count) => (count === 1 ? '550 not this one' : '250 ok') });
    const email = emailConfig(server.port);
    enqueue(email, 'failure');
    enqueue(email, 'recovery');
    enqueue(email, 'other', 'site2');
    const each = mailer(email);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['recovery', 'other']);
    expect(waiting()).toEqual(['failure']);
    expect(secondsToNext(each)).toBe(30);
    expect(log.lines[0]).toMatch(
      /^ERROR Mail not sent: "failure": the server rejects the sender: 550 not this one \(see logging.email.from\); next try at \d\d:\d\d$/,
    );
    system.advance(30_000);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['recovery', 'other', 'failure']);
  });

  test('for now keeps what follows about its site behind it, and no other', async () => {
    const server = await start({ END: (_, count) => (count === 1 ? '451 later' : '250 ok') });
    const email = emailConfig(server.port);
    enqueue(email, 'failure');
    enqueue(email, 'recovery');
    enqueue(email, 'other', 'site2');
    const each = mailer(email);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['other']);
    system.advance(29_000);
    await each.deliver(never);
    expect(server.connections).toBe(2);
    system.advance(1000);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['other', 'failure', 'recovery']);
  });

  test('for now waits for its own time, also when another is due before', async () => {
    const server = await start({ END: '451 later' });
    const email = emailConfig(server.port);
    enqueue(email, 'failure');
    const each = mailer(email);
    await each.deliver(never);
    server.script = {};
    system.advance(10_000);
    enqueue(email, 'recovery');
    enqueue(email, 'other', 'site2');
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['other']);
    expect(secondsToNext(each)).toBe(20);
    system.advance(20_000);
    await each.deliver(never);
    expect(subjects(server.accepted)).toEqual(['other', 'failure', 'recovery']);
  });

  test('by some recipients names them, and reaches each of the others once', async () => {
    const server = await start({
      RCPT: (line) =>
        line.includes('gone') ? '550 no such user' : line.includes('full') ? '452 full' : '250 ok',
    });
    const email = emailConfig(server.port, {
      to: [mailbox('gone@example.com'), mailbox('noc@example.com'), mailbox('full@example.com')],
    });
    enqueue(email, 'one');
    const each = mailer(email);
    await each.deliver(never);
    expect(log.lines).toEqual([
      'ERROR Mail "one" is refused for gone@example.com: the server rejects the recipients: 550 no such user (see logging.email.to)',
      'ERROR Mail "one" is refused for full@example.com: the server does not take the mail now: 452 full',
      'INFO Mail sent: "one" to noc@example.com: 250 queued as 4711',
    ]);
    expect(store.state.outbox).toMatchObject([
      { content: { recipients: ['full@example.com'] }, delivered: true, tries: 1 },
    ]);
    server.script = {};
    system.advance(30_000);
    await each.deliver(never);
    expect(rcpts(server).map((line) => /<(.*)>/.exec(line)?.[1])).toEqual([
      'gone@example.com',
      'noc@example.com',
      'full@example.com',
      'full@example.com',
    ]);
    expect(waiting()).toEqual([]);
  });

  test('by all recipients is kept: the server is more likely wrong than every address', async () => {
    const server = await start({ RCPT: '554 relaying denied' });
    const email = emailConfig(server.port, { to: [mailbox('a@example.com'), mailbox('b@example.com')] });
    enqueue(email, 'one');
    const each = mailer(email);
    await each.deliver(never);
    expect(store.state.outbox).toMatchObject([
      { content: { recipients: ['a@example.com', 'b@example.com'] }, tries: 1 },
    ]);
    server.script = {};
    system.advance(30_000);
    await each.deliver(never);
    expect(server.accepted).toHaveLength(1);
  });

  test('shows no secret, not in base64 either', async () => {
    const secret = Buffer.from('\0monitor\0hunter2').toString('base64');
    const server = await start({
      EHLO: '250-hi\r\n250 AUTH PLAIN',
      AUTH: (line) => `535 you said ${line}, that is hunter2`,
    });
    const auth = { username: 'monitor', password: new Secret('hunter2') };
    const email = emailConfig(server.port, { auth, security: 'none' });
    enqueue(email, 'one');
    await mailer(email).deliver(never);
    expect(server.lines.join()).toContain(secret);
    expect(log.lines.join('\n')).toMatch(/535 you said AUTH PLAIN \S*\*\*\*=*, that is \*\*\* /);
    const shown = /AUTH PLAIN (\S*?)\*/.exec(log.lines.join())?.[1] ?? '';
    expect(Buffer.from(shown, 'base64').toString()).toMatch(/^\0monitor\0?$/);
  });
});

describe('a warning', () => {
  test('about plain text is given once', async () => {
    const server = await start({ EHLO: '250-hi\r\n250 STARTTLS', STARTTLS: '454 not now' });
    const email = emailConfig(server.port);
    const each = mailer(email);
    for (const subject of ['one', 'two']) {
      enqueue(email, subject);
      await each.deliver(never);
    }
    expect(subjects(server.accepted)).toEqual(['one', 'two']);
    expect(log.lines.filter((line) => line.startsWith('WARNING'))).toEqual([
      'WARNING Mail: the mail server refuses its own STARTTLS, plain text is used (454 not now)',
    ]);
  });
});

test('a state that cannot be saved keeps no mail from being sent', async () => {
  const server = await start();
  const email = emailConfig(server.port);
  store.fault = "the state can't be written: ENOSPC";
  enqueue(email, 'one');
  await mailer(email).deliver(never);
  expect(subjects(server.accepted)).toEqual(['one']);
  expect(waiting()).toEqual([]);
});
