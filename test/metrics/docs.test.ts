import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Figures } from '../../src/metrics/figures.ts';
import { freshState } from '../../src/state/store.ts';
import { probeConfig } from '../support/probe.ts';

test('docs/metrics.md lists what there is, with its type', async () => {
  const figures = new Figures({ state: freshState(), rows: { pending: 0 }, version: '1.2.3' }, probeConfig());
  const types = Array.from((await figures.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, ...type]) =>
    type.join(' '),
  );
  const documented = Array.from(
    readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| (vpn_monitor_\w+) \| (\w+) \|/gm),
    ([, ...type]) => type.join(' '),
  );
  expect(documented.sort()).toEqual(types.sort());
});

test('docs/many-monitors.md lists every alert', () => {
  const names = (text: string, pattern: RegExp) =>
    Array.from(text.matchAll(pattern), ([, name]) => name).sort();
  const alerts = names(
    readFileSync('contrib/prometheus/vpn-monitor.rules.yml', 'utf8'),
    /^ +- alert: (\w+)$/gm,
  );
  const [, table = ''] = readFileSync('docs/many-monitors.md', 'utf8').split('| alert | says |');
  const rows =
    table
      .split('\n\n')[0]
      ?.match(/^\| Vpn[^|]*/gm)
      ?.join(' ') ?? '';
  expect(names(rows, /\b(Vpn\w+)/g)).toEqual(alerts);
});
