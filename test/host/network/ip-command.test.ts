import { expect, test } from 'vitest';
import { wayTo } from '../../../src/host/network/ip-command.ts';
import type { CommandResult } from '../../../src/system/place.ts';
import { fakeMachine } from '../../support/fake-machine.ts';
import { never } from '../../support/never.ts';

const ROUTE = '10.0.0.1 dev tun0 src 10.0.0.99 uid 0 \\    cache \n';

test.each<[string, CommandResult | Error, unknown]>([
  ['a route', { code: 0, output: ROUTE }, { device: 'tun0', source: '10.0.0.99', table: undefined }],
  ['no route', { code: 2, output: 'RTNETLINK answers: Network is unreachable\n' }, undefined],
  ['a prohibited one', { code: 2, output: 'RTNETLINK answers: Permission denied\n' }, undefined],
  ['ip was killed', { code: null, output: '' }, null],
  ['its output was lost', { code: 0, output: '' }, null],
  ['it could not enter a cell', { code: 1, output: 'nsenter: fork failed: Out of memory\n' }, null],
  ['it could not be started', new Error('spawn EAGAIN'), null],
])('%s: what ip says is no route only if the kernel says so', async (_, said, way) => {
  const run = async () => {
    if (said instanceof Error) throw said;
    return said;
  };
  const { system } = fakeMachine({ programs: { ip: () => [] }, system: { run } });
  expect(await wayTo(system, '10.0.0.1', never)).toEqual(way);
});
