import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createMonitoredWorld,
  type MonitoredWorld,
  type SiteSettings,
} from '../../support/monitored-world.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { installScript, stop } from '../../support/world.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

// Other people's hosts, gateways and clients, all at once: a name with two addresses, a profile with two servers, a banner with
// the words of a rejection, a host with another language, the oldest and the newest clients that Debian has, a silent profile,
// a spinner. Beside them what must fail.

/** The oldest and the newest release of Debian that its mirrors have. */
const OLDEST = 'bullseye';
const NEWEST = 'sid';
const UNPACK = path.join(import.meta.dirname, '../support/unpack-clients.sh');

const reason = labUnavailable();
const folder = temporaryFolder(afterAll);
let unpacked: string | undefined;
let whyNot: string | undefined;
beforeAll(async () => {
  if (reason !== undefined) return;
  const unpack = (suite: string) => promisify(execFile)(UNPACK, [suite, path.join(folder, suite)]);
  try {
    await Promise.all([OLDEST, NEWEST].map(unpack));
    unpacked = folder;
  } catch (error) {
    whyNot = `needs Debian's packages of ${OLDEST} and ${NEWEST}: ${(error as Error).message.split('\n')[1]}`;
  }
});

let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip((reason ?? whyNot) !== undefined, reason ?? whyNot));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** Runs the version that the gateway's name or the profile's asks for; else the host's. One of them behind a spinner. */
const client = (name: string, folder: string) => `#!/bin/bash
case "$*" in
  *oldest*) exec '${folder}/${OLDEST}/${name}' "$@" ;;
  *newest*) exec '${folder}/${NEWEST}/${name}' "$@" ;;
  *spinner*)
    for sign in '|' / - '\\'; do printf '\\r\\e[K%s Connecting' "$sign"; sleep 0.01; done
    for sign in '|' / - '\\'; do printf '\\b \\b%s' "$sign"; sleep 0.01; done
    printf '\\e[2K\\e[1G' ;;
esac
exec /usr/sbin/${name} "$@"
`;

/** A silence costs 1 s. The session of one gateway ends as soon as its inside has answered. */
const ping = ({ name, internal, folder }: Gateway) => `#!/bin/bash
said=$(/bin/ping -W 1 "$@")
status=$?
if [ "\${!#}" = ${internal} ]; then
  nsenter --net=/run/netns/${name} occtl -s '${folder}/occtl.sock' disconnect user monitor >/dev/null
  while pgrep -x openconnect >/dev/null; do sleep 0.02; done
fi
printf '%s\\n' "$said"
exit $status
`;

/** Writes a changed copy of a gateway's profile and returns the site's settings with it. */
function withProfile(gateway: Gateway, name: string, change: (profile: string) => string): SiteSettings {
  const profile = path.join(gateway.folder, `${name}.ovpn`);
  writeFileSync(profile, change(readFileSync(gateway.profile ?? '', 'utf8')));
  return siteSettings(gateway, { profile });
}

const CYCLES = 10;

test('ten cycles of all kinds at once: what works succeeds, what does not fails, and nothing is left', async () => {
  lab = await createLab(
    [
      { kind: 'ocserv' },
      {
        kind: 'ocserv',
        lines: `pre-login-banner = "Login failed more than 5 times? Your account is locked: call us."
banner = "Session terminated by server at 5 pm. If your Login failed, call us."
`,
      },
      { kind: 'ocserv' },
      { kind: 'openvpn', protocol: 'tcp' },
      { kind: 'openvpn' },
    ],
    createMonitoredWorld(),
  );
  const { world } = lab;
  const [first, banner, kicked, tcp, udp] = lab.gateways;
  if (!first || !banner || !kicked || !tcp || !udp || unpacked === undefined) throw new Error('no gateways');
  for (const name of ['openconnect', 'openvpn']) installScript(world, name, client(name, unpacked));
  installScript(world, 'ping', ping(kicked));
  // Nothing listens at the router's address, which is the nearer one and so tried first.
  world.run(`{ echo '10.77.1.1 two.example'; for name in two oldest newest spinner; do echo "${first.external} $name.example"; done; } >>/etc/hosts
    mkdir locales && localedef -i es_ES -f UTF-8 locales/es_ES.UTF-8`);
  expect(world.run('getent ahosts two.example')).toMatch(/^10\.77\.1\.1 /);
  const named = (name: string) => siteSettings(first, { vpn_gw: `${name}.example:${first.port}` });
  const sites: Record<string, SiteSettings> = {
    'second address': named('two'),
    'oldest openconnect': named('oldest'),
    'newest openconnect': named('newest'),
    spinner: named('spinner'),
    banner: siteSettings(banner),
    'second remote': withProfile(tcp, 'two', (profile) =>
      profile.replace(/^remote .*$/m, (line) => `remote ${tcp.external} 1199\n${line}`),
    ),
    'oldest openvpn': withProfile(tcp, 'oldest', (profile) => profile),
    'newest openvpn': withProfile(udp, 'newest', (profile) => profile),
    silent: withProfile(udp, 'silent', (profile) => `${profile}verb 0\nlog ${world.at('vpn.log')}\n`),
    'wrong at openconnect': { ...named('newest'), password: 'not-the-password' },
    'wrong at openvpn': withProfile(tcp, 'oldest-wrong', (profile) => profile),
    'dead inside': siteSettings(banner, { internal_ip: `${banner.inner}.77` }),
    'session ends': siteSettings(kicked),
  };
  sites['wrong at openvpn'] = { ...sites['wrong at openvpn'], password: 'not-the-password' };
  const expected: Record<string, string> = {
    ...Object.fromEntries(Object.keys(sites).map((name) => [name, 'SUCCESS ok ok ok'])),
    'wrong at openconnect': 'FAILURE ok ERROR TIMEOUT credentials-rejected',
    'wrong at openvpn': 'FAILURE ok ERROR TIMEOUT credentials-rejected',
    'dead inside': 'FAILURE ok ok TIMEOUT inside-unreachable',
    'session ends': 'FAILURE ok ok ERROR client-exited',
  };
  world.config(
    sites,
    "frequency: 1\nlogin: { step_timeout: 30, quit_timeout: 30 }\ndns: { restore: ['true'] }\nping: { count: 1, timeout: 60 }",
  );
  const before = hostState(world);

  const daemon = world.monitor([], { LANG: 'es_ES.UTF-8', LANGUAGE: 'es', LOCPATH: world.at('locales') });
  const rows = () => world.csv().slice(1, 1 + CYCLES * Object.keys(sites).length);
  await until('ten cycles', () => rows().length === CYCLES * Object.keys(sites).length, {
    progress: () => rows().length,
  });
  await stop(daemon);

  const causes = causesIn(world.log());
  const seen = rows().map((row) => {
    const [, name = '', summary, ...stages] = row.split(',');
    const outcomes = stages.map((value) => (/^\d+\.\d{3}$/.test(value) ? 'ok' : value));
    const cause = summary === 'FAILURE' ? [causes.get(name)?.shift()] : [];
    return `${name}: ${[summary, ...outcomes, ...cause].join(' ')}`;
  });
  const cycle = Object.keys(sites).map((name) => `${name}: ${expected[name]}`);
  expect(seen, world.log()).toEqual(Array(CYCLES).fill(cycle).flat());
  expect(hostState(world)).toEqual(before);
}, 1_800_000);

/** The causes in the log of the monitor, in order, for each site. */
function causesIn(log: string): ReadonlyMap<string, string[]> {
  const causes = new Map<string, string[]>();
  for (const [, cause = '', name = ''] of log.matchAll(/ - Cause: ([\w-]+)\. ([^:]+):/g))
    causes.set(name, [...(causes.get(name) ?? []), cause]);
  return causes;
}
