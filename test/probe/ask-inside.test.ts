import { expect, test } from 'vitest';
import { counts } from '../../src/alerts/policy.ts';
import { testLimits } from '../../src/monitor/deadlines.ts';
import { probeSite } from '../../src/probe/site.ts';
import { eventsOf } from '../../src/results/test-event.ts';
import type { System } from '../../src/system/system.ts';
import { type Answer, QUESTION, type Question } from '../../src/targets/question.ts';
import type { Target } from '../../src/targets/target.ts';
import { targetName } from '../../src/targets/target.ts';
import { resultsAsJson } from '../../src/ui/result-json.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { PROFILE, PROGRAMS, probeConfig, probeContext } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

const TCP: Target = { kind: 'tcp', host: '10.0.0.1', port: 445 };
const WEB: Target = { kind: 'https', host: 'intranet.test', port: 443, path: '/', text: 'ready' };
const DNS: Target = { kind: 'dns', host: '10.0.0.53', port: 53, name: 'a.test' };
const PING: Target = { kind: 'ping', host: '10.0.0.1' };

const OK: Answer = { outcome: 'ok', ms: 12.3456, detail: 'connected' };
const REFUSED: Answer = { outcome: 'error', detail: 'connect ECONNREFUSED' };
const SILENT: Answer = { outcome: 'timeout', detail: 'no answer within 20 s' };

interface Case {
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly gateway?: string;
  readonly run?: System['run'];
}

/** Tests a site whose targets answer as given, by kind; others answer well. */
async function probe(inside: readonly Target[], { answers = {}, gateway = 'works', run }: Case = {}) {
  const asked: Question[] = [];
  const answering: System['run'] = async (_, args, { env }) => {
    const question: Question = JSON.parse(env[QUESTION] ?? '');
    asked.push(question);
    expect(args).toEqual([expect.stringMatching(/\/targets\/target-program\.js$/)]);
    return {
      code: 0,
      output: `(node:1) a warning\n${JSON.stringify(answers[question.target.kind] ?? OK)}\n`,
    };
  };
  const resolve = async (host: string) => (host === 'intranet.test' ? ['10.0.0.80'] : []);
  const { system } = fakeMachine({ programs: PROGRAMS, system: { run: run ?? answering, resolve } });
  const site = simulatedSite(gateway, { client: PROFILE, inside });
  const config = probeConfig({ sites: [site] });
  const { context, log } = probeContext(system, { config });
  const result = await probeSite(site, testLimits(config, PROFILE), context, never);
  return { result, stage: result.stages[2], asked, log };
}

test('all targets work: the first gives the value, and each is in log, JSON and events', async () => {
  const { result, stage, asked, log } = await probe([TCP, WEB, DNS, PING]);
  expect(stage).toEqual({ outcome: 'ok', ms: 12.3456, detail: 'tcp://10.0.0.1:445: connected' });
  expect(asked.map(({ target, addresses }) => [targetName(target), ...addresses])).toEqual([
    ['tcp://10.0.0.1:445', '10.0.0.1'],
    ['https://intranet.test/', '10.0.0.80'],
    ['dns://10.0.0.53/a.test', '10.0.0.53'],
  ]);
  expect(asked[0]?.ms).toBe(20_000);
  expect(log.lines).toContain('DEBUG Inside https://intranet.test/: 12.346 ms (connected)');
  expect(log.lines.some((line) => /^DEBUG Inside ping:\/\/10\.0\.0\.1: 5\.002 ms/.test(line))).toBe(true);
  expect(JSON.parse(resultsAsJson([result], '1')).sites[0].inside).toMatchObject([
    { target: 'tcp://10.0.0.1:445', ms: 12.346, outcome: 'ok', cause: null, detail: 'connected' },
    { target: 'https://intranet.test/' },
    { target: 'dns://10.0.0.53/a.test' },
    { target: 'ping://10.0.0.1', ms: 5.002 },
  ]);
  expect(eventsOf(result)).toMatchObject(
    [12.346, 12.346, 12.346, 5.002].map((ms) => ({ kind: 'inside', ms, outcome: 'ok' })),
  );
});

test.each([
  ['refused', REFUSED, 'error', 'inside-wrong'],
  ['silent', SILENT, 'timeout', 'inside-unreachable'],
])(
  'one that is %s: the stage fails, and the others are asked all the same',
  async (_, answer, outcome, cause) => {
    const { result, stage, asked, log } = await probe([TCP, WEB, DNS], { answers: { https: answer } });
    expect(stage).toEqual({ outcome, cause, detail: `https://intranet.test/: ${answer.detail}` });
    expect(asked).toHaveLength(3);
    expect(log.lines).toContain(`ERROR Inside https://intranet.test/: ${answer.detail}`);
    expect(result.inside?.map((each) => each.result.outcome)).toEqual(['ok', outcome, 'ok']);
    expect(counts(result)).toBe(true);
  },
);

test('a name that is not resolved', async () => {
  const { stage } = await probe([{ ...WEB, host: 'other.test' }]);
  expect(stage).toMatchObject({ outcome: 'error', cause: 'name-not-resolved' });
});

test('without a log-in nothing inside is asked: it would be asked outside the tunnel', async () => {
  const { result, stage, asked } = await probe([TCP], { gateway: 'rejects' });
  expect(stage).toEqual({
    outcome: 'error',
    cause: 'tunnel-no-traffic',
    detail: 'not asked without a log-in',
  });
  expect(asked).toEqual([]);
  expect(result.inside).toBeUndefined();
});

test.each<[string, System['run'], string]>([
  ['can not be started', () => Promise.reject(new Error('no process is left')), 'could not be started'],
  ['fails', async () => ({ code: 1, output: 'Error: out of memory\n' }), 'failed: Error: out of memory'],
  ['hangs', async () => ({ code: null, output: '' }), 'did not end'],
])('a program that %s is a fault of this host', async (_, run, words) => {
  const { result, stage } = await probe([TCP], { run });
  expect(stage).toMatchObject({ outcome: 'error', cause: 'inside-not-asked' });
  expect(result.host.get('ping')).toContain(words);
  expect(counts(result)).toBe(false);
});

test('`internal_ip` is pinged as ever, and has no further values', async () => {
  const { result, stage } = await probe([]);
  expect(stage).toMatchObject({ outcome: 'ok', ms: 5.002 });
  expect(result).not.toHaveProperty('inside');
  expect(JSON.parse(resultsAsJson([result], '1')).sites[0]).not.toHaveProperty('inside');
});
