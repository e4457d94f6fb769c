import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { CODE_SECRET } from '../lab/server.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

const WRONG = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** The same as the built-in client says of these gateways, in the words of a config. */
const OWN = `
  mine:
    command: openconnect
    args: [--no-dtls, "--protocol={protocol}", "--servercert={server_cert}", "{vpn_gw}"]
    keys: { protocol: [anyconnect, fortinet, gp], server_cert: optional }
    dialogue:
      - { expect: "^Username:", send: "{username}" }
      - { prompt: "Password:", expect: "^Password:", send: "{password}" }
      - { expect: "^Code: ?$", send: "{totp}", with: totp, optional: true, where: { protocol: [fortinet] } }
      - { expect: "^Challenge: ?$", send: "{totp}", with: totp, optional: true, where: { protocol: [gp] } }
    success: { expect: "^Configured as .*, with SSL connected" }
    failures:
      - { expect: "^Unexpected 405", cause: second-factor, rejects: true, after: "^Code: ?$", where: { protocol: [fortinet] } }
      - { expect: "^Unexpected 405", cause: credentials-rejected, after: "Password:", where: { protocol: [fortinet] } }
      - { expect: "^Unexpected 512", cause: second-factor, rejects: true, after: "^Challenge: ?$", where: { protocol: [gp] } }
      - { expect: "^Unexpected 512", cause: credentials-rejected, after: "Password:", where: { protocol: [gp] } }
    logout: { signal: SIGINT }
    tunnel: device`;

test('openconnect at stand-ins of FortiGate and GlobalProtect, and a client of a config that does the same', async () => {
  lab = await createLab(
    [
      { kind: 'fortigate' },
      { kind: 'fortigate', mode: 'code' },
      { kind: 'fortigate', mode: 'html silent' },
      { kind: 'globalprotect', mode: 'gateway' },
      { kind: 'globalprotect', mode: 'gateway code' },
      { kind: 'globalprotect', mode: 'portal' },
    ],
    createMonitoredWorld(),
  );
  const { gateways, world } = lab;
  const [forti, fortiCode, fortiHtml, gp, gpCode, portal] = gateways as [
    Gateway,
    Gateway,
    Gateway,
    Gateway,
    Gateway,
    Gateway,
  ];
  const before = hostState(world);
  const secret = (text: string) => ({ totp_secret: text });
  // Each gateway remembers its own used codes, and the monitor waits only for what it typed itself.
  const uri = (name: string) => `otpauth://totp/${name}?secret=${CODE_SECRET.base32}&period=30`;
  const mine = { client: 'mine' };
  const another = { password: 'another' };
  world.config(
    {
      forti: siteSettings(forti),
      forti_password: siteSettings(forti, another),
      forti_mine: siteSettings(forti, mine),
      forti_mine_password: siteSettings(forti, { ...mine, ...another }),
      forti_code: siteSettings(fortiCode, secret(uri('forti'))),
      // Right after the site before, with the same secret: the gateway takes no code twice.
      forti_code_again: siteSettings(fortiCode, secret(uri('forti'))),
      forti_wrong_code: siteSettings(fortiCode, secret(WRONG)),
      forti_no_code: siteSettings(fortiCode),
      html_password: siteSettings(fortiHtml, another),
      html_wrong_code: siteSettings(fortiHtml, secret(`${WRONG.slice(0, -1)}A`)),
      gp: siteSettings(gp),
      gp_password: siteSettings(gp, another),
      gp_mine: siteSettings(gp, mine),
      gp_mine_password: siteSettings(gp, { ...mine, ...another }),
      gp_wrong_code: siteSettings(gpCode, secret(`${WRONG.slice(0, -1)}B`)),
      gp_mine_wrong_code: siteSettings(gpCode, { ...mine, ...secret(`${WRONG.slice(0, -1)}C`) }),
      gp_code: siteSettings(gpCode, secret(CODE_SECRET.base32)),
      gp_no_code: siteSettings(gpCode),
      portal: siteSettings(portal),
      portal_password: siteSettings(portal, another),
    },
    `login: { step_timeout: 20, quit_timeout: 20 }
dns: { restore: ['true'] }
ping: { count: 1, timeout: 60 }
clients: ${OWN}
`,
  );
  const command = world.monitor(['once', '--json']);
  await command.ended;
  const { sites } = JSON.parse(command.stdout()) as {
    sites: { name: string; summary: string; cause: string | null }[];
  };
  const whole = command.stdout() + command.stderr() + world.log();
  expect(
    sites.map(({ name, summary, cause }) => `${name} ${summary}${cause === null ? '' : ` ${cause}`}`),
    whole,
  ).toEqual([
    'forti SUCCESS',
    'forti_password FAILURE credentials-rejected',
    'forti_mine SUCCESS',
    'forti_mine_password FAILURE credentials-rejected',
    'forti_code SUCCESS',
    'forti_code_again SUCCESS',
    'forti_wrong_code FAILURE second-factor',
    'forti_no_code FAILURE second-factor',
    'html_password FAILURE credentials-rejected',
    'html_wrong_code FAILURE second-factor',
    'gp SUCCESS',
    'gp_password FAILURE credentials-rejected',
    'gp_mine SUCCESS',
    'gp_mine_password FAILURE credentials-rejected',
    'gp_wrong_code FAILURE second-factor',
    'gp_mine_wrong_code FAILURE second-factor',
    'gp_code SUCCESS',
    'gp_no_code FAILURE second-factor',
    'portal SUCCESS',
    'portal_password FAILURE credentials-rejected',
  ]);
  // Each answer was judged once: the password and the code, or the password alone.
  expect([forti, fortiCode, fortiHtml, gp, gpCode, portal].map((gateway) => gateway.attempts())).toEqual([
    4, 7, 3, 4, 7, 3,
  ]);
  for (const text of [CODE_SECRET.base32, WRONG, forti.password]) expect(whole).not.toContain(text);
  expect(hostState(world)).toEqual(before);
});
