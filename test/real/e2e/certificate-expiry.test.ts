import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { makeCertificate, pin } from '../lab/certificate.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** Gives the gateway a certificate that expires in so many days, and starts its server again with it. */
async function installCertificate(world: MonitoredWorld, gateway: Gateway, days: number): Promise<void> {
  world.run(
    `kill -KILL ${gateway.pids().join(' ')}; ${makeCertificate(gateway.folder, gateway.external, days)}`,
  );
  await until('the server has ended', () => gateway.pids().length === 0);
  await gateway.start();
}

/** Runs the monitor for one test, until so many mails have come, and stops it: the next test would be much later. */
async function runMonitor(world: MonitoredWorld, mails: number): Promise<void> {
  const rows = () => world.csv().filter((line) => line.includes(',vpn,'));
  const before = rows().length;
  const monitor = world.monitor();
  await until('the test and the mails', () => rows().length > before && world.mails().length >= mails);
  monitor.signal('SIGTERM');
  expect(await monitor.ended, monitor.stderr()).toBe(0);
  expect(rows().slice(before)).toEqual([expect.stringContaining(',vpn,SUCCESS,')]);
}

/** The events that people were told of or will be, in order: what the log has of them. */
function alerts(world: MonitoredWorld): readonly string[] {
  return Array.from(world.log().matchAll(/ Alert: (.*)$/gm), ([, subject = '']) => subject);
}

test('the certificate of a real ocserv with 10 days left is told once, also over a restart, and its renewal once', async () => {
  lab = await createLab([{ kind: 'ocserv' }], createMonitoredWorld());
  const { gateways, world } = lab;
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  await world.mailServer();
  const writeConfig = () =>
    world.config(
      { vpn: siteSettings(gateway, { server_cert: pin(gateway.folder) }) },
      "login: { step_timeout: 20, quit_timeout: 20 }\ndns: { restore: ['true'] }\nping: { count: 1, timeout: 60 }\nfrequency: 600\n",
    );

  const soon = 'The certificate of the gateway for vpn expires in 10 days';
  const renewed = 'The certificate of the gateway for vpn was renewed, and is valid for 90 days';
  await installCertificate(world, gateway, 10);
  writeConfig();
  await runMonitor(world, 1);
  await runMonitor(world, 1);
  expect(alerts(world)).toEqual([soon]);
  expect(world.mails()[0]).toContain(`Gateway:       ${gateway.server}`);
  const shown = world.monitor(['status']);
  await shown.ended;
  expect(shown.stdout()).toMatch(/^ {2}warning: gateway certificate: 10 days left \(/m);

  await installCertificate(world, gateway, 90);
  writeConfig();
  await runMonitor(world, 2);
  await runMonitor(world, 2);
  expect(alerts(world)).toEqual([soon, renewed]);
  expect(world.mails().map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1])).toEqual([soon, renewed]);
  expect(
    world.log().match(/WARNING .*vpn: the certificate of the gateway has changed: SHA-256 /g),
  ).toHaveLength(1);
  // Reading a certificate is no log-in.
  const tests = world.csv().filter((line) => line.includes(',vpn,')).length;
  expect(gateway.attempts()).toBe(tests);
});
