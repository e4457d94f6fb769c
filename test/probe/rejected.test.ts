import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testLimits } from '../../src/monitor/deadlines.ts';
import { diagnose } from '../../src/probe/diagnosis.ts';
import { probeSite } from '../../src/probe/site.ts';
import { csvRow } from '../../src/results/csv-row.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { PROFILE, PROGRAMS, probeConfig, probeContext } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

const START = '2018-11-14T05:18:00.000Z';

beforeAll(() => void vi.stubEnv('TZ', 'Europe/Berlin'));
afterAll(() => void vi.unstubAllEnvs());

/** A test that begins at {@link START}, of a site that rejected the credentials at `rejected`. */
async function probe(rejected: string | null, rejectedRetryMinutes: number) {
  const machine = fakeMachine({ programs: PROGRAMS, start: START });
  const { login } = probeConfig();
  const { context, log } = probeContext(machine.system, {
    config: probeConfig({ login: { ...login, rejectedRetryMinutes } }),
    rejectedAt: (site) => (site === 'site1' && rejected !== null ? new Date(rejected) : null),
  });
  const result = await probeSite(
    simulatedSite('works', { client: PROFILE }),
    testLimits(context.config, PROFILE),
    context,
    never,
  );
  return { result, log, typed: machine.typed };
}

test('rejected a while ago, within the time: not tried, and said so in row, log and mail', async () => {
  const { result, log, typed } = await probe('2018-11-14T05:08:00.000Z', 15);
  const detail = 'not tried, rejected at 06:08';
  expect(result.stages.map((stage) => stage.outcome)).toEqual(['ok', 'error', 'ok']);
  expect(result.stages[1]).toEqual({ outcome: 'error', cause: 'not-tried', detail });
  expect(typed).toEqual([]);
  expect(log.lines).toContain(`WARNING site1: ${detail}`);
  expect(csvRow(result).line).toMatch(/,site1,FAILURE,5\.002,ERROR,5\.002\n$/);
  expect(result.transcript).toBe('');
  // Whether its client could be started is not known.
  expect([...result.host.keys()]).toEqual(['uplink', 'ping', 'ping site1']);
  expect(diagnose(result)).toBe(
    'site1: the gateway answers pings and was not logged in at (not tried, rejected at 06:08)',
  );
});

test.each<[string, string | null, number]>([
  ['never rejected', null, 15],
  ['rejected longer ago', '2018-11-14T05:02:00.000Z', 15],
  ['the time is not set', '2018-11-14T05:17:59.000Z', 0],
  ['the clock was set back since', '2018-11-14T09:00:00.000Z', 15],
])('%s: tried', async (_, rejected, minutes) => {
  const { result, typed } = await probe(rejected, minutes);
  expect(result.stages[1].outcome).toBe('ok');
  expect(typed).toHaveLength(4);
});
