import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { certificate } from '../lab/certificate.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { CODE_SECRET } from '../lab/server.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable(['openfortivpn']);
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

const WRONG = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** The same as the built-in client says, in the words of a config. */
const OWN = `
  mine:
    command: openfortivpn
    args: ["--username={username}", "--trusted-cert={server_cert}", "--set-dns=0", --no-ftm-push, "{vpn_gw}"]
    keys: { server_cert: optional }
    dialogue:
      - { prompt: password, expect: "^VPN account password: ?$", send: "{password}" }
      - { prompt: token, expect: "^Two-factor authentication token: ?$", send: "{totp}", with: totp, optional: true, limit: 1 }
    success: { expect: "^INFO: +Tunnel is up and running" }
    failures:
      - { expect: "Could not authenticate to gateway", cause: second-factor, rejects: true, after: token }
      - { expect: "Could not authenticate to gateway", cause: credentials-rejected, after: password }
    logout: { signal: SIGINT }
    tunnel: device
    ppp: true`;

test('openfortivpn at a stand-in of FortiGate up to pppd, and a client of a config that does the same', async () => {
  lab = await createLab([{ kind: 'fortigate' }, { kind: 'fortigate', mode: 'code' }], createMonitoredWorld());
  const { gateways, world } = lab;
  const [plain, withCode] = gateways as [Gateway, Gateway];
  // Whether this kernel has PPP must not matter.
  world.run('mount --bind /bin/false /usr/sbin/pppd');
  const before = hostState(world);
  const at = (gateway: Gateway, more: Readonly<Record<string, string | undefined>> = {}) =>
    siteSettings(gateway, {
      client: 'openfortivpn',
      protocol: undefined,
      server_cert: new X509Certificate(certificate(gateway.folder)).fingerprint256
        .replaceAll(':', '')
        .toLowerCase(),
      ...more,
    });
  const mine = { client: 'mine' };
  const another = { password: 'another' };
  const wrong = (last: string) => ({ totp_secret: `${WRONG.slice(0, -1)}${last}` });
  world.config(
    {
      good: at(plain),
      mine: at(plain, mine),
      password: at(plain, another),
      mine_password: at(plain, { ...mine, ...another }),
      certificate: at(plain, { server_cert: undefined }),
      name: at(plain, { vpn_gw: 'gateway.invalid' }),
      code: at(withCode, { totp_secret: CODE_SECRET.base32 }),
      wrong_code: at(withCode, wrong('A')),
      mine_wrong_code: at(withCode, { ...mine, ...wrong('B') }),
      no_code: at(withCode),
    },
    `login: { step_timeout: 20, quit_timeout: 20 }
dns: { restore: ['true'] }
ping: { count: 1, timeout: 60 }
clients: ${OWN}
`,
  );
  const command = world.monitor(['once', '--json']);
  expect(await command.ended, command.stderr()).toBeLessThan(2);
  const { sites } = JSON.parse(command.stdout()) as {
    sites: { name: string; summary: string; cause: string | null }[];
  };
  const whole = command.stdout() + command.stderr() + world.log();
  expect(
    sites.map(({ name, summary, cause }) => `${name} ${summary} ${cause}`),
    whole,
  ).toEqual([
    'good FAILURE client-exited',
    'mine FAILURE client-exited',
    'password FAILURE credentials-rejected',
    'mine_password FAILURE credentials-rejected',
    'certificate FAILURE tls',
    'name FAILURE name-not-resolved',
    'code FAILURE client-exited',
    'wrong_code FAILURE second-factor',
    'mine_wrong_code FAILURE second-factor',
    'no_code FAILURE second-factor',
  ]);
  // The gateway has accepted the password, or the password and the code.
  expect(whole).toContain('pppd: ');
  expect([plain, withCode].map((gateway) => gateway.attempts())).toEqual([4, 7]);
  for (const text of [CODE_SECRET.base32, WRONG.slice(0, -1), plain.password])
    expect(whole).not.toContain(text);
  expect(hostState(world)).toEqual(before);
});
