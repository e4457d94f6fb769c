import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createFigures } from '../../src/metrics/figures.ts';
import { freshState } from '../../src/state.ts';
import { probeConfig } from '../support/probe.ts';

test('docs/metrics.md lists what there is, with its type', async () => {
  const figures = createFigures(
    { state: freshState(), rows: { pending: 0 }, version: '1.2.3' },
    probeConfig(),
  );
  const types = Array.from((await figures.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, ...type]) =>
    type.join(' '),
  );
  const documented = Array.from(
    readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| (vpn_monitor_\w+) \| (\w+) \|/gm),
    ([, ...type]) => type.join(' '),
  );
  expect(documented.sort()).toEqual(types.sort());
});
