import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { UnitFacts } from '../../src/service/facts.ts';
import { unitText } from '../../src/service/unit.ts';

/** As root, for a client that makes a tunnel device and changes DNS. */
const FACTS: UnitFacts = {
  version: '1.2.3',
  hostname: 'monitor1',
  node: '/usr/bin/node',
  main: '/opt/vpn-monitor/dist/main.js',
  config: '/etc/vpn-monitor/config.yml',
  results: '/var/lib/vpn-monitor',
  logFolder: undefined,
  user: undefined,
  controlGroup: null,
  setuid: [],
  sudoers: undefined,
  tunnel: true,
  ppp: false,
  tunnelOnHost: true,
  pingAllowed: false,
  cells: false,
  configClosed: true,
  closedSecrets: [],
  writable: [],
  toOwn: [],
  lowPorts: [],
  kills: false,
  resolvConf: '/etc/resolv.conf',
  usesTmp: false,
  folders: [],
  timeoutStopSeconds: 50,
  watchdogSeconds: 447,
};
test('the service is in the group whose members give orders', () => {
  expect(lines({}, 'SupplementaryGroups')).toEqual([]);
  expect(lines({ controlGroup: 'vpnops' }, 'SupplementaryGroups')).toEqual(['SupplementaryGroups=vpnops']);
});

const USER = { name: 'vpnmon', exists: true };

/** The lines of a unit that are no comments, those of one key if it is given. */
function lines(more: Partial<UnitFacts> = {}, key?: string): string[] {
  const all = unitText({ ...FACTS, ...more })
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return key === undefined ? all : all.filter((line) => line.startsWith(`${key}=`));
}

function keys(more: Partial<UnitFacts>): string[] {
  return lines(more).flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
}

test('the unit of a monitor that runs as root', () => {
  const expected = readFileSync(new URL('root.service', import.meta.url), 'utf8');
  expect(`${unitText(FACTS)}\n`).toBe(expected);
});

test('a user other than root gets only the capabilities that its clients need', () => {
  const all = 'CAP_NET_RAW CAP_NET_ADMIN';
  expect(lines({ user: USER })).toEqual(
    expect.arrayContaining(['User=vpnmon', `AmbientCapabilities=${all}`, `CapabilityBoundingSet=${all}`]),
  );
  const none = { user: USER, tunnel: false, tunnelOnHost: false, resolvConf: undefined };
  expect(lines(none, 'CapabilityBoundingSet')).toEqual(['CapabilityBoundingSet=CAP_NET_RAW']);
  expect(keys(none)).not.toContain('ExecStartPre');
});

test('cells need namespaces, mounts and forwarding, which others do not get', () => {
  const more = lines({ cells: true }).filter((line) => !lines().includes(line));
  expect(more).toEqual([
    "ExecStartPre=+/bin/sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'",
    'CapabilityBoundingSet=CAP_NET_RAW CAP_DAC_OVERRIDE CAP_CHOWN CAP_NET_ADMIN CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_FOWNER',
    'RestrictNamespaces=ipc mnt net pid',
    'SystemCallFilter=@system-service @pkey @mount',
  ]);
});

test('cells of an ordinary user need no right but that of ping, and nothing of root', () => {
  const cells = { user: USER, cells: true, tunnelOnHost: false, resolvConf: undefined };
  const text = lines(cells);
  expect(text).toContain('AmbientCapabilities=CAP_NET_RAW');
  expect(text).toContain('CapabilityBoundingSet=CAP_NET_RAW');
  expect(text).toContain('RestrictNamespaces=ipc mnt net pid user');
  expect(text).toContain('SystemCallFilter=@system-service @pkey @mount');
  expect(text).toContain('DeviceAllow=/dev/net/tun rw');
  expect(keys(cells)).not.toContain('ExecStartPre');
  // Mounts below /proc: the kernel then allows no new /proc in a user namespace.
  expect(keys(cells)).not.toContain('ProtectKernelTunables');
  expect(keys(cells)).not.toContain('ProtectKernelLogs');
});

test('where the kernel lets the user ping, cells need no capability at all', () => {
  const cells = { user: USER, cells: true, tunnelOnHost: false, resolvConf: undefined, pingAllowed: true };
  expect(lines(cells)).toContain('AmbientCapabilities=');
  // Not given to anything: a ping whose file has it would not start without.
  expect(lines(cells)).toContain('CapabilityBoundingSet=CAP_NET_RAW');
  expect(lines({ ...cells, lowPorts: ['web.listen'] })).toEqual(
    expect.arrayContaining([
      'AmbientCapabilities=CAP_NET_BIND_SERVICE',
      'CapabilityBoundingSet=CAP_NET_RAW CAP_NET_BIND_SERVICE',
    ]),
  );
  expect(lines({ ...cells, tunnelOnHost: true }, 'AmbientCapabilities')).toEqual([
    'AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN',
  ]);
});

test('isolation: auto may test on the host: so a client may create its device there', () => {
  expect(lines({ user: USER, cells: true }, 'AmbientCapabilities')).toEqual([
    'AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN',
  ]);
});

test('root gets further capabilities only for the clients and metrics of the config', () => {
  expect(lines({ kills: true, lowPorts: ['metrics.listen', 'web.listen'] }, 'CapabilityBoundingSet')).toEqual(
    [
      'CapabilityBoundingSet=CAP_NET_RAW CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_DAC_OVERRIDE CAP_CHOWN CAP_KILL',
    ],
  );
});

test('devices only if clients create tunnels', () => {
  expect(keys({})).toContain('DeviceAllow');
  expect(keys({})).not.toContain('PrivateDevices');
  expect(lines({ tunnel: false })).toContain('PrivateDevices=yes');
  expect(lines({})).not.toContain('DeviceAllow=/dev/ppp rw');
  expect(lines({ ppp: true })).toContain('DeviceAllow=/dev/ppp rw');
});

test('writable paths are the results and what the config names', () => {
  expect(lines({ writable: ['/var/lib/node exporter'] }, 'ReadWritePaths')).toEqual([
    'ReadWritePaths=/var/lib/vpn-monitor -"/var/lib/node exporter" -/etc/resolv.conf -/run/resolvconf',
  ]);
  expect(lines({ resolvConf: undefined }, 'ReadWritePaths')).toEqual(['ReadWritePaths=/var/lib/vpn-monitor']);
});

test('a log elsewhere: its folder is made for root, and may be written', () => {
  const more = { logFolder: '/var/log/vpn monitor', resolvConf: undefined };
  expect(lines(more, 'ReadWritePaths')).toEqual([
    'ReadWritePaths=/var/lib/vpn-monitor "/var/log/vpn monitor"',
  ]);
  expect(lines(more, 'ExecStartPre')).toEqual([
    'ExecStartPre=+/bin/mkdir -p /var/lib/vpn-monitor "/var/log/vpn monitor"',
  ]);
  expect(lines(more, 'RequiresMountsFor')).toEqual([
    'RequiresMountsFor=/etc/vpn-monitor/config.yml /var/lib/vpn-monitor "/var/log/vpn monitor"',
  ]);
});

test.each([
  ['root', undefined],
  ['an ordinary user', USER],
])('a setuid client, as %s: no directive that removes its rights', (_, user) => {
  const taking =
    /^(?:NoNewPrivileges|CapabilityBoundingSet|SystemCall.*|Restrict(?!Realtime).*|ProtectSystem|ProtectKernelModules|PrivateDevices|DeviceAllow|PrivateTmp)$/;
  const used = keys({ user, setuid: ['startct'] });
  expect(used.filter((key) => taking.test(key))).toEqual([]);
  // For an ordinary user each of these would imply NoNewPrivileges= (measured, systemd 252).
  const implying = /^(?:Protect(?:Clock|Hostname|Kernel\w+)|Restrict\w+|LockPersonality)$/;
  expect(used.some((key) => implying.test(key))).toBe(user === undefined);
  expect(unitText({ ...FACTS, user, setuid: ['startct'] })).toContain('# startct starts a setuid program');
});

test('comments say what root must do once for another user', () => {
  const sudoers = 'vpnmon ALL=(root) NOPASSWD: /usr/sbin/resolvconf -u';
  const results = "/srv/it's here";
  const [head = ''] = unitText({ ...FACTS, user: { ...USER, exists: false }, sudoers, results }).split(
    '[Unit]',
  );
  expect(head).toContain(`# Once, as root:
#   useradd --system --shell /usr/sbin/nologin vpnmon
#   mkdir -p '/srv/it'\\''s here'
#   chown -R vpnmon '/srv/it'\\''s here' /etc/vpn-monitor/config.yml
# To let it restore resolv.conf, add this line (visudo -f /etc/sudoers.d/vpn-monitor):
#   ${sudoers}
`);
  expect(unitText({ ...FACTS, user: USER })).not.toMatch(/useradd|sudoers/);
  expect(unitText(FACTS)).not.toContain('Once, as root');
});

test('a user gets no more than it needs: a config that all may read keeps its owner', () => {
  const [head = ''] = unitText({
    ...FACTS,
    user: USER,
    configClosed: false,
    closedSecrets: ['/etc/vpn-monitor/site 1.password', '/etc/vpn-monitor/mail.password'],
    toOwn: ['/var/lib/metrics', FACTS.results],
  }).split('[Unit]');
  expect(head).toContain(`# Once, as root:
#   mkdir -p /var/lib/vpn-monitor /var/lib/metrics
#   chown -R vpnmon /var/lib/vpn-monitor
#   chown vpnmon '/etc/vpn-monitor/site 1.password'
#   chown vpnmon /etc/vpn-monitor/mail.password
#   chown vpnmon /var/lib/metrics

`);
});

test('commands outside the PATH of a service, and files in /tmp', () => {
  expect(lines({ folders: ['/opt/my vpn/bin'] })).toContain(
    'Environment="PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/my vpn/bin"',
  );
  expect(keys({ usesTmp: true })).not.toContain('PrivateTmp');
});
