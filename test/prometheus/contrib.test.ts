import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { CONTRIB, prometheusUnavailable, promtool } from './prometheus.ts';

const reason = prometheusUnavailable();
beforeEach(({ skip }) => skip(reason !== undefined, reason));

test('the example config and the rules are good', () => {
  expect(promtool(['check', 'config', `${CONTRIB}/prometheus.example.yml`])).toMatch(
    /SUCCESS: \d+ rules found/,
  );
});

test('each alert is tested', () => {
  expect(promtool(['test', 'rules', `${CONTRIB}/vpn-monitor.rules.test.yml`])).toContain('SUCCESS');
  const read = (name: string) => readFileSync(`${CONTRIB}/${name}`, 'utf8');
  const names = (text: string, key: string) =>
    [...new Set(Array.from(text.matchAll(new RegExp(`\\b${key}: (\\w+)`, 'g')), ([, name]) => name))].sort();
  const alerts = names(read('vpn-monitor.rules.yml'), 'alert');
  expect(alerts.length).toBeGreaterThan(10);
  expect(names(read('vpn-monitor.rules.test.yml'), 'alertname')).toEqual(alerts);
});
