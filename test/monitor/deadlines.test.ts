import { describe, expect, test } from 'vitest';
import { demoClient } from '../../src/clients/demo-client.ts';
import { openconnect } from '../../src/clients/openconnect.ts';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import { tracesOf } from '../../src/host/keeper.ts';
import {
  cleanupDeadlineMs,
  dialogueDeadlineMs,
  forceStopAfterMs,
  logoutDeadlineMs,
  longestStepMs,
  pingDeadlineMs,
  stopDeadlineMs,
  testDeadlineMs,
  testLimits,
  timeoutStopMs,
  watchdogMs,
} from '../../src/monitor/deadlines.ts';
import { probeSite } from '../../src/probe/site.ts';
import { fakeMachine, type ProgramStep } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { CLEAN_HOST, MARK, PROFILE, probeConfig, probeContext } from '../support/probe.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';

const config = probeConfig({ sites: [simulatedSite('works')] });

describe('the sums, in ms, of the default config', () => {
  const device: ClientProfile = { ...PROFILE, tunnel: 'device' };
  const optional: ClientProfile = {
    ...PROFILE,
    dialogue: PROFILE.dialogue.map((step) => ({ ...step, optional: true })),
  };
  test.each([
    ['a ping: 20 s, its summary, SIGTERM, SIGKILL', pingDeadlineMs(20), 25_000],
    [
      "OpenConnect's prompts of a protocol, at most four, and its success",
      dialogueDeadlineMs(openconnect, 30),
      151_080,
    ],
    [
      "Connect Tunnel's questions, each by its limit, its success, and a failure's reason",
      dialogueDeadlineMs(startct, 30),
      451_280,
    ],
    ['optional prompts count too', dialogueDeadlineMs(optional, 30), 451_280],
    ['a log-out: quit_timeout, SIGTERM, SIGKILL', logoutDeadlineMs(30), 34_000],
    ['no clean-up', cleanupDeadlineMs(null, 10), 0],
    [
      'a clean-up without processes: the network and resolv.conf',
      cleanupDeadlineMs(tracesOf([demoClient], MARK), 10),
      28_000,
    ],
    ['one of leftovers', cleanupDeadlineMs(tracesOf([startct], MARK), 10), 46_000],
    ['one of two clients', cleanupDeadlineMs(tracesOf([startct, openconnect], MARK), 10), 46_000],
    ['the stages of a test of Connect Tunnel', testLimits(config, startct).testingMs, 550_280],
    ['its end', testLimits(config, startct).closingMs, 80_000],
    ['the whole of it', testDeadlineMs(config, startct), 635_280],
    [
      'with control targets: to ask them, SIGTERM, SIGKILL',
      testDeadlineMs({ ...config, uplink: [{ kind: 'ping', host: '192.0.2.1' }] }, startct),
      659_280,
    ],
    ['the stages where the tunnel is a device', testLimits(config, device).testingMs, 579_280],
    [
      'the longest silence of the loop: that test, and the head start of a delivery',
      longestStepMs(config),
      640_280,
    ],
    ['the same before systemd ends the monitor', watchdogMs(config), 675_280],
    ['a stop: quit_timeout and 10 s', stopDeadlineMs(config), 40_000],
    ['a stop before systemd ends the monitor', timeoutStopMs(config), 50_000],
    ['a stop is forced only after a client has had all of quit_timeout', forceStopAfterMs(config), 31_000],
  ])('%s', (_, sum, ms) => {
    expect(sum).toBe(ms);
  });
});

/** Every part of it needs all the time that it may have: pings end at no signal, prompts come in the last moment, nothing is heard of quit. */
test('the sum of a test is what its parts can take, and no more', async () => {
  const justInTime = 30_000 - 1;
  const dialogue: readonly ProgramStep[] = [
    { after: justInTime, prints: 'Username:' },
    { reads: 'monitor' },
    { after: justInTime, prints: '\r\nPassword:' },
    { reads: PASSWORD },
    { after: justInTime, prints: '\r\nEnter your choice [1]:' },
    { reads: '1' },
    // A question that repeats comes as often as it is answered.
    { after: justInTime, prints: '\r\nEnter your choice [1]:' },
    { reads: '1' },
    { after: justInTime, prints: '\r\nCONNECTED\r\n' },
  ];
  const machine = fakeMachine({
    programs: { ping: () => [], simulated: () => dialogue },
    system: { kill: () => 'sent' },
  });
  const steps = PROFILE.dialogue.filter(({ optional }) => optional !== true);
  const client: ClientProfile = {
    ...PROFILE,
    tunnel: 'unknown',
    dialogue: steps.map((step) => (step.limit === undefined ? step : { ...step, limit: 2 })),
  };
  const site = simulatedSite('works', { client });
  const settings = probeConfig({ sites: [site] });
  const cleanupMs = cleanupDeadlineMs(tracesOf([client], MARK), 10);
  const { context } = probeContext(machine.system, {
    config: settings,
    host: {
      ...CLEAN_HOST,
      clean: async (_traces, _settleSeconds, signal) => {
        await machine.system.sleep(cleanupMs, signal);
        return new Map();
      },
    },
  });
  const { stages } = await probeSite(site, testLimits(settings, client), context, never);
  expect(stages.map(({ outcome }) => outcome)).toEqual(['error', 'ok', 'error']);
  const took = machine.system.monotonic();
  const most = testDeadlineMs(settings, client);
  expect(took).toBeLessThanOrEqual(most);
  // What remains is what the parts did not need here: the report of an end, and the ends of what is cut off.
  expect(most - took).toBeLessThan(10_000);
});
