import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createMonitoredWorld,
  type MonitoredWorld,
  type SiteSettings,
} from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { installScript } from '../../support/world.ts';
import { deviceTowards, hostState } from '../lab/client.ts';
import { serverKilled } from '../lab/faults.ts';
import { createLab, type Gateway, type GatewayOptions, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** Starts a client as a person's shell does: what it leaves behind outlives it. */
const STARTER = `#!/bin/bash
set -m
openconnect --background --no-dtls "$@"
`;

/** A client that returns at once and leaves its session to a process of its own. */
const RETURNS = `
clients:
  returns:
    command: starter
    args: ["--servercert={server_cert}", "{vpn_gw}"]
    keys: { server_cert: optional }
    dialogue: [{ expect: "^Username:", send: "{username}" }, { expect: "^Password:", send: "{password}" }]
    success: { expect: "^Configured as" }
    logout: { signal: SIGINT }
    tunnel: device
    dns: { mark: "#@VPNC_GENERATED@" }`;

/** The result of a site whose inside answers; `meanwhile` happens before ping says so to the monitor. */
async function once(
  kind: GatewayOptions,
  settings: SiteSettings,
  meanwhile: (gateway: Gateway, world: MonitoredWorld) => Promise<void>,
) {
  lab = await createLab([kind], createMonitoredWorld());
  const { world, gateways } = lab;
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const [answered, held] = [world.at('answered'), world.at('held')];
  writeFileSync(held, '');
  installScript(
    world,
    'ping',
    `#!/bin/bash
said=$(/bin/ping "$@")
status=$?
if [ "\${!#}" = ${gateway.internal} ]; then
  touch '${answered}'
  while [ -e '${held}' ]; do sleep 0.02; done
fi
printf '%s\\n' "$said"
exit $status
`,
  );
  installScript(world, 'starter', STARTER);
  world.config(
    { gw: siteSettings(gateway, settings) },
    `ping: { count: 1, timeout: 200 }\nlogin: { step_timeout: 30, quit_timeout: 30 }\ndns: { restore: ['true'] }${RETURNS}`,
  );
  const before = hostState(world);
  const tested = world.monitor(['once', '--json', 'gw']);
  await until('the inside has answered', () => existsSync(answered));
  await meanwhile(gateway, world);
  rmSync(held);
  await tested.ended;
  expect(hostState(world)).toEqual(before);
  const [{ summary, cause, detail, stages }] = JSON.parse(tested.stdout()).sites;
  const outcomes = stages.map(({ outcome }: { outcome: string }) => outcome);
  return { gateway, result: [summary, ...outcomes, cause, detail] };
}

const THROWN_OUT = ['FAILURE', 'ok', 'ok', 'error', 'client-exited'];
const tunnelIsGone = ({ internal }: Gateway, world: MonitoredWorld) =>
  until('the tunnel is gone', () => !deviceTowards(world, internal)?.startsWith('tun'));

test('an administrator ends the session of openconnect after the inside has answered', async () => {
  const { result } = await once({ kind: 'ocserv' }, {}, async (gateway, world) => {
    await gateway.kick();
    await tunnelIsGone(gateway, world);
  });
  expect(result).toEqual([
    ...THROWN_OUT,
    'the inside answered, then the session was over: the client ended (exit status 1): Session terminated by server; exiting.',
  ]);
});

test('an administrator ends the session of OpenVPN after the inside has answered', async () => {
  const { result } = await once({ kind: 'openvpn' }, {}, async (gateway, world) => {
    await gateway.kick();
    await tunnelIsGone(gateway, world);
  });
  expect(result).toEqual([
    ...THROWN_OUT,
    expect.stringContaining(
      'then the session was over: the client said: SIGUSR1[soft,server-pushed-connection-reset]',
    ),
  ]);
});

test('the server of OpenVPN goes away after the inside has answered', async () => {
  const { result } = await once({ kind: 'openvpn', protocol: 'tcp' }, {}, async (gateway, world) => {
    serverKilled(gateway);
    await tunnelIsGone(gateway, world);
  });
  expect(result).toEqual([
    ...THROWN_OUT,
    expect.stringContaining('then the session was over: the client said: SIGUSR1[soft,connection-reset]'),
  ]);
});

test('a client that returns at once: its session is there at the log-out', async () => {
  const { result, gateway } = await once({ kind: 'ocserv' }, { client: 'returns' }, async () => undefined);
  expect(result).toEqual(['SUCCESS', 'ok', 'ok', 'ok', null, null]);
  expect(gateway.attempts()).toBe(1);
});

test('a client that returns at once: its session is ended after the inside has answered', async () => {
  const { result } = await once({ kind: 'ocserv' }, { client: 'returns' }, async (gateway, world) => {
    await gateway.kick();
    await tunnelIsGone(gateway, world);
  });
  expect(result).toEqual([
    ...THROWN_OUT,
    expect.stringMatching(
      /then the session was over: (?:the route to .* leaves through wan|there is no route)/,
    ),
  ]);
});
