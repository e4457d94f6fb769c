import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { CONTRIB, prometheusUnavailable, tool } from './prometheus.ts';

const reason = prometheusUnavailable();
beforeEach(({ skip }) => skip(reason !== undefined, reason));

test('the example configs and the rules are good', () => {
  expect(tool('amtool', ['check-config', `${CONTRIB}/alertmanager.example.yml`])).toContain('SUCCESS');
  expect(tool('promtool', ['check', 'config', `${CONTRIB}/prometheus.example.yml`])).toMatch(
    /SUCCESS: \d+ rules found/,
  );
});

test('each alert is tested', () => {
  expect(tool('promtool', ['test', 'rules', `${CONTRIB}/vpn-monitor.rules.test.yml`])).toContain('SUCCESS');
  const read = (name: string) => readFileSync(`${CONTRIB}/${name}`, 'utf8');
  const names = (text: string, key: string) =>
    [...new Set(Array.from(text.matchAll(new RegExp(`\\b${key}: (\\w+)`, 'g')), ([, name]) => name))].sort();
  const alerts = names(read('vpn-monitor.rules.yml'), 'alert');
  expect(alerts.length).toBeGreaterThan(10);
  expect(names(read('vpn-monitor.rules.test.yml'), 'alertname')).toEqual(alerts);
});
