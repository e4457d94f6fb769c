import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import { until } from '../../support/until.ts';
import { pin } from '../lab/certificate.ts';
import { inNamespace, type Place, place } from '../lab/network.ts';
import { OCSERV_PORT, ocserv } from '../lab/ocserv.ts';
import { openvpn, writeProfile } from '../lab/openvpn.ts';
import type { Server } from '../lab/server.ts';
import { labUnavailable } from '../lab/unavailable.ts';
import {
  createSystemdWorld,
  PACKAGE,
  type SystemdWorld,
  systemdUnavailable,
} from '../support/systemd-world.ts';

const ACCOUNT = { username: 'monitor', password: 'Gl0b#rt-Pa55/w"rd' };
const USER = 'vpnmon';
const [FIRST, SECOND] = [place(1), place(2)];
const RESOLV_CONF = 'nameserver 192.0.2.53\n';
const MARK = '#@VPNC_GENERATED@';

const reason = systemdUnavailable() ?? labUnavailable() ?? missingPrograms(['slirp4netns']);
let world: SystemdWorld;

beforeAll(async () => {
  if (reason !== undefined) return;
  world = await createSystemdWorld();
  world.run(`useradd --system --shell /usr/sbin/nologin ${USER}
    ip link add outside type bridge && ip addr add 10.77.0.1/24 dev outside && ip link set outside up`);
  await startGateway(FIRST, ocserv(world, FIRST, folderOf(FIRST), ACCOUNT, []));
  await startGateway(SECOND, openvpn(SECOND, folderOf(SECOND), ACCOUNT, 'tcp'));
});
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterAll(() => world?.end());

const folderOf = ({ name }: Place) => `/srv/${name}`;

/** A gateway in a network namespace of its own, joined to the host. */
async function startGateway(at: Place, { prepare, command, ready }: Server): Promise<void> {
  const { name, external, internal } = at;
  const folder = folderOf(at);
  world.run(`set -e
    mkdir -p ${folder}
    ip netns add ${name}
    ip link add ${name} type veth peer name wan netns ${name}
    ip link set ${name} master outside up
    ip -n ${name} link set lo up
    ip -n ${name} addr add ${external}/24 dev wan
    ip -n ${name} link set wan up
    ip -n ${name} link add inside type bridge
    ip -n ${name} addr add ${internal}/24 dev inside
    ip -n ${name} link set inside up
    export PASSWORD='${ACCOUNT.password}'
    ${prepare}
    ${inNamespace(name, `setsid -f ${command}`)} </dev/null >${folder}/log 2>&1`);
  await until(`${name} takes log-ins`, () => ready.test(world.read(`${folder}/log`)));
}

/** Starts a service by the unit that is printed for it: a site for each gateway. */
function start(name: string, user?: string, more: readonly string[] = []): void {
  const [first, second] = [FIRST, SECOND].map((at) => `${world.view}${folderOf(at)}`);
  const folder = `/srv/${name}`;
  world.run(`mkdir -p ${folder}/results`);
  writeProfile(`${world.view}${folder}/second.ovpn`, SECOND, second ?? '', 'tcp');
  const site = ({ external, internal }: Place, gateway: string, more: string) =>
    `{ external_ip: ${external}, internal_ip: ${internal}, vpn_gw: '${gateway}', username: ${ACCOUNT.username}, password: '${ACCOUNT.password}', ${more} }`;
  const config = [
    'sites:',
    `  first: ${site(FIRST, `${FIRST.external}:${OCSERV_PORT}`, `client: openconnect, server_cert: '${pin(first ?? '')}'`)}`,
    `  second: ${site(SECOND, SECOND.external, 'client: openvpn, profile: second.ovpn')}`,
    'frequency: 600',
    'logging: { dir: results, file: result }',
    'ping: { count: 1, timeout: 120 }',
    'cleanup: { settle_seconds: 0 }',
    ...more,
    '',
  ];
  world.write(`${folder}/config.yml`, config.join('\n'), 0o600);
  const option = user === undefined ? '' : `--user ${user}`;
  world.run(`chown -R ${user ?? 'root'} ${folder}
    node ${PACKAGE}/dist/main.js systemd -c ${folder}/config.yml ${option} >/etc/systemd/system/${name}.service
    systemctl daemon-reload && systemctl start ${name}`);
}

const rows = (name: string) =>
  world
    .attempt(`cat /srv/${name}/results/*.csv`)
    .said.split('\n')
    .slice(1, -1)
    .map((row) =>
      row
        .split(',')
        .slice(1)
        .join(',')
        .replace(/\d+\.\d{3}/g, 'N'),
    );
const log = (name: string) => world.read(`/srv/${name}/results/monitoring.log`);
const network = () => world.run('ip -o link; ip route').replace(/ mtu .*/g, '');

test.each([
  ['root', undefined],
  ['an ordinary user', USER],
])('real clients bear what the unit for %s forbids, and leave the host as it was', async (_, user) => {
  const name = user === undefined ? 'as-root' : 'as-user';
  const before = network();
  start(name, user);
  await until('both sites are tested', () => rows(name).length === 2);
  world.run(`systemctl stop ${name}`);
  expect(rows(name), log(name)).toEqual(['first,SUCCESS,N,N,N', 'second,SUCCESS,N,N,N']);
  expect(world.show(name, 'Result').Result).toBe('success');
  expect(log(name)).not.toMatch(/ - (?:ERROR|CRITICAL) - /);
  expect(network()).toBe(before);
  expect(world.read('/etc/resolv.conf')).toBe(RESOLV_CONF);
});

test('an ordinary user in cells: no process has a capability, and both sites are tested at once', async () => {
  // Masked for systemd alone, which would set what is the whole machine's. Beside it the kernel allows no new /proc.
  world.run(`umount -l /proc/sys
    echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range`);
  const before = network();
  start('in-cells', USER, ['isolation: cell', 'concurrency: all']);
  const unit = world.read('/etc/systemd/system/in-cells.service');
  expect(unit).toContain('\nAmbientCapabilities=\n');
  expect(unit).toContain('\nCapabilityBoundingSet=CAP_NET_RAW\n');
  const { MainPID } = world.show('in-cells', 'MainPID');
  const held = world.read(`/proc/${MainPID}/status`).match(/^Cap(?:Inh|Prm|Eff|Amb):\t\w+/gm);
  expect(held).toEqual(['Inh', 'Prm', 'Eff', 'Amb'].map((set) => `Cap${set}:\t0000000000000000`));
  await until(
    'both sites are tested',
    () => rows('in-cells').length === 2 || /CRITICAL/.test(log('in-cells')),
  );
  world.run('systemctl stop in-cells');
  expect(rows('in-cells').sort(), log('in-cells')).toEqual(['first,SUCCESS,N,N,N', 'second,SUCCESS,N,N,N']);
  expect(log('in-cells')).toContain('Tests run in cells, connected by slirp4netns');
  expect(world.show('in-cells', 'Result').Result).toBe('success');
  expect(network()).toBe(before);
  expect(world.read('/etc/resolv.conf')).toBe(RESOLV_CONF);
});

test('a monitor that is killed while the tunnel is up finds the host changed, and puts it right', async () => {
  const before = network();
  world.run('mkdir -p /etc/systemd/system/killed.service.d');
  world.write('/etc/systemd/system/killed.service.d/test.conf', '[Service]\nRestartSec=100ms\n');
  // The ping inside waits, with the tunnel up.
  const drop = `ip daddr ${FIRST.internal} icmp type echo-request counter drop`;
  world.run(
    inNamespace(
      FIRST.name,
      `nft 'table inet silent { chain inside { type filter hook input priority 0; ${drop}; }; }'`,
    ),
  );
  start('killed');
  await until('the tunnel is up', () => log('killed').includes('Running internal delay test for first'));
  await until("resolv.conf is the client's", () => world.read('/etc/resolv.conf').includes(MARK));
  // Removed before the kill: the next monitor begins at once, and its ping sends only one request too.
  await until('the ping is lost', () =>
    /counter packets [1-9]/.test(world.run(inNamespace(FIRST.name, 'nft list table inet silent'))),
  );
  world.run(inNamespace(FIRST.name, 'nft delete table inet silent'));
  const { MainPID } = world.show('killed', 'MainPID');
  world.run(`kill -KILL ${MainPID}`);
  await until('both sites are tested after all', () => rows('killed').length === 2);
  expect(world.show('killed', 'NRestarts').NRestarts).toBe('1');
  world.run('systemctl stop killed');
  expect(rows('killed')).toEqual(['first,SUCCESS,N,N,N', 'second,SUCCESS,N,N,N']);
  expect(log('killed')).toContain('Invalid DNS settings. Forcing refresh');
  expect(world.show('killed', 'Result').Result).toBe('success');
  expect(network()).toBe(before);
  expect(world.read('/etc/resolv.conf')).toBe(RESOLV_CONF);
});
