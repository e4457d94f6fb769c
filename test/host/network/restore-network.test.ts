import { describe, expect, test } from 'vitest';
import { wayTo } from '../../../src/host/network/ip-command.ts';
import { networkKeeper } from '../../../src/host/network/restore-network.ts';
import { NETWORK_MS } from '../../../src/model/limits.ts';
import { DONE, failed } from '../../../src/model/result.ts';
import type { System } from '../../../src/system/system.ts';
import { fakeMachine } from '../../support/fake-machine.ts';
import { never } from '../../support/never.ts';
import { recordingLog } from '../../support/recording-log.ts';

const GATEWAY = '198.51.100.9';
const NOTHING = { devices: [], tables: [] };

describe('without ip', () => {
  /** A machine with these devices, whose ip does what `run` does; none: it has no ip. */
  function bare(run?: System['run']) {
    const listFolder = (folder: string) => (folder === '/sys/class/net' ? ['lo', 'eth0'] : []);
    return fakeMachine({
      ...(run && { programs: { ip: () => [] } }),
      system: { listFolder, ...(run && { run }) },
    });
  }

  test('devices are noted, routes are not, and nothing is restored', async () => {
    const { system } = bare();
    const keeper = networkKeeper(system, recordingLog());
    const note = { ...(await keeper.note([GATEWAY], never)), unmarked: [] };
    expect(note).toEqual({ bootId: 'boot', devices: ['lo', 'eth0'], routes: [], gateways: [], unmarked: [] });
    expect(await keeper.restore(note, NOTHING, never)).toEqual(DONE);
    expect(await wayTo(system, GATEWAY, never)).toBeNull();
  });

  test('or with one that failed at the note, no route counts as the client’s', async () => {
    let calls = 0;
    const { system } = bare(async (_, args) => {
      calls += 1;
      if (calls <= 2) throw new Error('EAGAIN');
      if (args.includes('del')) expect.unreachable();
      return { code: 0, output: `${GATEWAY} via 192.0.2.1 dev eth0 \n` };
    });
    const keeper = networkKeeper(system, recordingLog());
    const note = { ...(await keeper.note([GATEWAY], never)), unmarked: [] };
    expect(await keeper.restore(note, NOTHING, never)).toEqual(DONE);
  });

  test('or with one that fails after the test, the failure is reported', async () => {
    const { system } = bare(async () => ({ code: 1, output: 'odd' }));
    const note = { bootId: 'boot', devices: [], routes: [], gateways: [GATEWAY], unmarked: [] };
    expect(await networkKeeper(system, recordingLog()).restore(note, NOTHING, never)).toEqual(
      failed("the routes can't be read (odd)"),
    );
  });

  test('or with one that hangs, a deadline ends the wait, and a stop rejects', async () => {
    const { system, at } = bare(
      (_, __, { signal }) =>
        new Promise((resolve) => {
          signal?.addEventListener('abort', () => resolve({ code: null, output: '' }), { once: true });
        }),
    );
    const keeper = networkKeeper(system, recordingLog());
    const note = { bootId: 'boot', devices: [], routes: [], gateways: [GATEWAY], unmarked: [] };
    expect(await keeper.restore(note, NOTHING, never)).toEqual(
      failed('the network could not be restored within 10 s'),
    );
    expect(system.monotonic()).toBe(NETWORK_MS);
    const stop = new AbortController();
    at(system.monotonic() + 1000, () => stop.abort(new Error('stop')));
    await expect(keeper.note([GATEWAY], stop.signal)).rejects.toThrow('stop');
    await expect(keeper.restore(note, NOTHING, stop.signal)).rejects.toThrow('stop');
  });
});
