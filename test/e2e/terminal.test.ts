import { stripVTControlCharacters } from 'node:util';
import { expect } from 'vitest';
import { VERSION } from '../support/paths.ts';
import { onTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

/** Whatever could move, colour or fool a terminal, but for ends of lines. */
const CONTROLS = /(?!\r?\n)[\p{Cc}\u2028\u2029\u202a-\u202e]/u;
/** The one thing but colours that this program sends: back to the start of the line, and erase it. */
const ERASE = '\r\x1b[2K';

/** The live lines that a terminal showed one after the other, and the lines that stayed. */
function shown(output: string): { live: string[]; kept: string[] } {
  const parts = output.split(ERASE).flatMap((part) => part.split(/(?<=\n)/));
  return {
    live: parts.filter((part) => !part.endsWith('\n') && part !== ''),
    kept: parts.filter((part) => part.endsWith('\n')).map((part) => part.replace(/\r?\n$/, '')),
  };
}

worldTest(
  'run on a terminal: the live line says site, stage and time, then counts down; results and log stay above',
  async ({ world }) => {
    world.config({ good: 'slow-quit', bad: 'rejects' }, 'frequency: 5');
    // Wide enough for the longest line of the log.
    const daemon = await onTerminal(world, ['run'], { columns: 300 });
    await until('the second cycle', () => world.csv().length > 3);
    await stop(daemon);
    const { live, kept } = shown(daemon.stdout());
    for (const line of [
      /^good: checking the host, 0\.0 s$/,
      /^good: 1\/3 ping outside, 0\.\d s$/,
      /^good: 2\/3 log in, \d\.\d s$/,
      /^good: 3\/3 ping inside, 0\.\d s$/,
      /^good: logging out, [01]\.\d s$/,
      /^bad: 2\/3 log in, \d\.\d s$/,
      /^next cycle in [1-5] s$/,
    ]) {
      expect(live).toContainEqual(expect.stringMatching(line));
    }
    const unknown =
      "The tunnel of startct is no device: whether it is up when internal_ip is pinged can't be known";
    expect(kept.filter((line) => line.includes(unknown))).toHaveLength(1);
    expect(kept.slice(0, 8)).toEqual([
      `\x1b[2mvpn-monitor ${VERSION} started: 2 of 2 sites from ${world.at('config.yml')}, every 5 s\x1b[22m`,
      expect.stringContaining("startct does not check the gateway's certificate at good, bad: "),
      expect.stringContaining(unknown),
      '\x1b[1mCYCLE 1          SITE  SUMMARY PING OUTSIDE       LOG IN  PING INSIDE\x1b[22m',
      expect.stringMatching(
        /^\w{3} [ \d]\d \d\d:\d\d:\d\d {2}good {2}\x1b\[32mSUCCESS\x1b\[39m(?: +\d+\.\d{3} ms){3}$/,
      ),
      expect.stringMatching(/ {2}bad {3}\x1b\[31mFAILURE\x1b\[39m .* ms {8}ERROR .* ms$/),
      '\x1b[2m    log in: Login failed.\x1b[22m',
      '\x1b[1mCYCLE 2          SITE  SUMMARY PING OUTSIDE       LOG IN  PING INSIDE\x1b[22m',
    ]);
    expect(kept.at(-1)).toBe('\x1b[2mStopped\x1b[22m');
  },
);

worldTest('run on a terminal that is narrow: the live line never wraps', async ({ world }) => {
  world.config({
    'a-site-with-a-name-of-more-than-forty-characters': 'works',
    東京の本社の接続装置: 'works',
  });
  const columns = 40;
  const daemon = await onTerminal(world, ['run'], { columns });
  await until('two rows', () => world.csv().length > 2);
  await stop(daemon);
  const widths = shown(daemon.stdout()).live.map((line) => line.replace(/[^\x00-\u2fff]/g, 'WW').length);
  expect(Math.max(...widths)).toBe(columns - 1);
});

worldTest('once on a terminal: the live line, then the table', async ({ world }) => {
  world.config({ good: 'works', bad: 'asks-again' });
  const once = await onTerminal(world, ['once']);
  expect(await once.ended).toBe(1);
  const { live, kept } = shown(once.stdout());
  expect(live).toContainEqual(expect.stringMatching(/^good: 2\/3 log in, 0\.\d s$/));
  expect(kept.map((line) => stripVTControlCharacters(line).replace(/\d+\.\d{3} ms/g, '1.234 ms'))).toEqual([
    expect.stringMatching(/^SITE {2}SUMMARY {2}PING OUTSIDE {2,}LOG IN {2}PING INSIDE$/),
    expect.stringMatching(/^good {2}SUCCESS {2,}1\.234 ms {2,}1\.234 ms {2,}1\.234 ms$/),
    expect.stringMatching(/^bad {3}FAILURE {2,}1\.234 ms {2,}ERROR {2,}1\.234 ms$/),
    '  log in: Username:',
    '  ping inside: outside the tunnel',
  ]);
});

worldTest('NO_COLOR takes the colours and leaves the live line', async ({ world }) => {
  world.config({ good: 'works', bad: 'rejects' });
  const once = await onTerminal(world, ['once'], { env: { NO_COLOR: '1' } });
  expect(await once.ended).toBe(1);
  expect(once.stdout()).toContain(ERASE);
  expect(once.stdout().replaceAll(ERASE, '')).not.toMatch(CONTROLS);
});

worldTest(
  'without a terminal: whole lines without escape sequences, log lines on stderr',
  async ({ world }) => {
    world.config({ good: 'works', bad: 'rejects' });
    const once = world.monitor(['once']);
    expect(await once.ended).toBe(1);
    const daemon = world.monitor();
    await until('four rows', () => world.csv().length > 4);
    await stop(daemon);
    for (const output of [once.stdout(), once.stderr(), daemon.stdout(), daemon.stderr()]) {
      expect(output).not.toMatch(CONTROLS);
      expect(output).toMatch(/\n$/);
    }
    for (const line of once.stderr().trimEnd().split('\n')) expect(world.log()).toContain(`${line}\n`);
    expect(once.stderr()).not.toContain(' - DEBUG - ');
    expect(world.log()).toContain(daemon.stderr());
  },
);

worldTest('once --json: one JSON object on stdout and nothing else', async ({ world }) => {
  world.config({ good: 'works', bad: 'rejects', off: { vpn_gw: 'works', enabled: false } });
  const begun = Date.now();
  const once = world.monitor(['once', '--json']);
  expect(await once.ended, once.stderr()).toBe(1);
  const json = JSON.parse(once.stdout());
  const stages = (...outcomes: string[]) =>
    outcomes.map((outcome, index) => ({
      stage: index + 1,
      ms: outcome === 'ok' ? expect.any(Number) : null,
      ...(index === 1 ? {} : { loss_percent: 0 }),
      outcome,
    }));
  // These gateways have names that nobody knows.
  const certificates = (gateway: string) => [
    { owner: 'gateway', expires: null, detail: `${gateway} was not resolved` },
  ];
  expect(json).toEqual({
    version: VERSION,
    sites: [
      {
        name: 'good',
        time: expect.any(String),
        summary: 'SUCCESS',
        stages: stages('ok', 'ok', 'ok'),
        cause: null,
        detail: null,
        warnings: [],
        certificates: certificates('works'),
      },
      {
        name: 'bad',
        time: expect.any(String),
        summary: 'FAILURE',
        stages: stages('ok', 'error', 'ok'),
        cause: 'credentials-rejected',
        detail: 'Login failed.',
        warnings: [],
        certificates: certificates('rejects'),
      },
    ],
  });
  for (const { time } of json.sites) {
    expect(new Date(time).toISOString()).toBe(time);
    expect(Date.parse(time)).toBeGreaterThanOrEqual(begun - 1);
  }
});

worldTest("what a client prints never reaches the operator's terminal as it is", async ({ world }) => {
  world.config({ site1: 'hostile' });
  const once = await onTerminal(world, ['once']);
  expect(await once.ended).toBe(1);
  const run = await onTerminal(world, ['run']);
  await until('a row', () => world.csv().length > 2);
  await stop(run);
  const plain = world.monitor(['once']);
  expect(await plain.ended).toBe(1);
  for (const output of [once.stdout(), run.stdout()]) {
    // It has cleared the screen behind these words.
    expect(output).toContain('log in: Login failed\x1b[22m');
    expect(output.replaceAll(ERASE, '').replace(/\x1b\[(?:[12]|22|3[0-9])m/g, '')).not.toMatch(CONTROLS);
  }
  for (const text of [plain.stdout(), plain.stderr(), world.log()]) expect(text).not.toMatch(CONTROLS);
  for (const text of [once.stdout(), run.stdout(), plain.stdout(), world.log()]) {
    expect(text).not.toContain('pwned');
  }
});

worldTest(
  'run on a terminal that is held by ctrl-S: the tests go on, and a stop is heard',
  async ({ world }) => {
    world.config({ site: 'works' }, 'frequency: 1');
    const daemon = await onTerminal(world, ['run']);
    await until('the first row', () => world.csv().length > 1);
    world.run(`perl -MPOSIX -e 'POSIX::tcflow(0, TCOOFF)' </proc/${daemon.pid()}/fd/1`);
    const before = world.csv().length;
    await until('three more rows', () => world.csv().length > before + 2);
    await stop(daemon);
    expect(world.log()).toMatch(/Stopped\n$/);
  },
);
