import { expect, test } from 'vitest';
import type { ShownBy } from '../../src/clients/profile.ts';
import { wireguard } from '../../src/clients/wireguard.ts';
import type { SiteConfig } from '../../src/config/config.ts';
import type { Terminal } from '../../src/console/expect.ts';
import { good } from '../../src/model/result.ts';
import { waitUntilShown } from '../../src/probe/shown-by.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';

test('the packets that wake a tunnel end as soon as it is up', async () => {
  const { system } = fakeMachine({
    programs: { ping: () => [], wg: () => [] },
    system: {
      run: (file, _, { signal }) =>
        file.endsWith('ping')
          ? new Promise((resolve) =>
              signal?.addEventListener('abort', () => resolve({ code: null, output: '' }), { once: true }),
            )
          : Promise.resolve({ code: 0, output: 'up' }),
    },
  });
  const client = { place: system, observed: () => undefined } as unknown as Terminal;
  const shownBy: ShownBy = {
    command: 'wg',
    args: [],
    wakes: true,
    otherwise: { cause: 'unreachable' },
  };
  const site = {
    internalIp: '10.0.0.1',
    clientKeys: new Map(),
    client: { ...wireguard, success: { expect: /up/ } },
  } as unknown as SiteConfig;
  expect(await waitUntilShown(client, site, shownBy, 30_000, never)).toEqual(good(0));
});
