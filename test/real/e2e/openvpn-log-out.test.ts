import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

test.each([
  // The server waits for 5 s after the client's word.
  ['udp', /SIGTERM\[soft,(?:delayed|remote)-exit\] received/],
  ['tcp', /Connection reset, restarting/],
] as const)('the session of a test ends at the server with its log-out, over %s', async (protocol, words) => {
  lab = await createLab([{ kind: 'openvpn', protocol }], createMonitoredWorld());
  const { world } = lab;
  const [gateway] = lab.gateways;
  if (gateway === undefined) throw new Error('no gateway');
  world.config(
    { gw: siteSettings(gateway) },
    "ping: { count: 1, timeout: 60 }\nlogin: { step_timeout: 30, quit_timeout: 20 }\ndns: { restore: ['true'] }",
  );
  const tested = world.monitor(['once', '--json', 'gw']);
  await tested.ended;
  expect(JSON.parse(tested.stdout()).sites[0]).toMatchObject({ summary: 'SUCCESS' });
  // The lab's server ends a session that is silent for 20 s, and says so in other words.
  await until('the session has ended', () => /SIG(?:TERM|USR1)\[soft/.test(gateway.log()));
  expect(gateway.log()).toMatch(words);
  expect(gateway.log()).not.toContain('Inactivity timeout');
});
