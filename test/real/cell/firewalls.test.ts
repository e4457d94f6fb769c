import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { worldUnavailable } from '../../support/world.ts';
import { ofCells } from './at-once.ts';

const reason =
  missingPrograms(['ip', 'nft', 'iptables-nft', 'iptables-legacy', 'unshare']) ?? worldUnavailable();
let world: MonitoredWorld | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(() => world?.end());

const UPLINK = 'ip link add up0 type veth peer name up1 && ip link set up0 up && ip link set up1 up';
const IPV4 = `${UPLINK} && ip addr add 198.51.100.2/24 dev up0 && ip route add default via 198.51.100.1`;
const IPV6 = `${UPLINK} && ip addr add 2001:db8::2/64 dev up0 nodad && ip route add default via 2001:db8::1`;

/** Makes a host with an uplink and a firewall. */
function host(uplink: string, firewall: string): MonitoredWorld {
  world = createMonitoredWorld();
  world.config({ one: { vpn_gw: '127.0.0.1' } }, 'isolation: cell\n');
  world.run(`set -e\n${uplink}\n${firewall}`);
  return world;
}

/** What check says of cells: its line, and the remedy below it. */
async function ofCheck({ monitor }: MonitoredWorld): Promise<readonly string[]> {
  const check = monitor(['check']);
  await check.ended;
  const lines = check.stdout().split('\n');
  const at = lines.findIndex((line) => line.includes('cells: '));
  return lines.slice(at, at + 2).map((line) => line.trim());
}

const WORK = /^ok +cells: work \(one was opened and closed\)/;
const DROPS = /^missing +cells: the firewall of this host drops what is forwarded$/;
/** As firewalld: what no zone accepts is rejected at the end of a chain whose policy is accept. */
const LIKE_FIREWALLD = `nft -f - <<'RULES'
table inet firewalld {
  chain filter_FORWARD {
    type filter hook forward priority filter + 10; policy accept;
    ct state { established, related } accept
    iifname "lo" accept
    jump filter_FORWARD_ZONES
    ct state invalid drop
    reject with icmpx admin-prohibited
  }
  chain filter_FORWARD_ZONES { }
}
RULES`;
/** What firewall-cmd --zone=trusted --add-source=169.254.0.0/16 comes to. */
const TRUSTED = 'nft add rule inet firewalld filter_FORWARD_ZONES ip saddr 169.254.0.0/16 accept';

test.each([
  ['iptables-nft, as docker', 'iptables-nft -P FORWARD DROP', 'iptables -I', /\biptables\b/g, 'iptables-nft'],
  [
    'iptables-legacy, as an older docker',
    'iptables-legacy -P FORWARD DROP',
    'iptables-legacy -I',
    /\biptables-legacy\b/g,
    'iptables-legacy',
  ],
])(
  'a policy of drop by %s: check prints commands, and with them cells work',
  async (_, drop, begin, program, real) => {
    const there = host(IPV4, drop);
    const [line, remedy = ''] = await ofCheck(there);
    expect(line).toMatch(DROPS);
    expect(remedy.startsWith(`${begin} FORWARD -i vc+ -j ACCEPT; `)).toBe(true);
    there.run(remedy.replaceAll(program, real));
    expect((await ofCheck(there))[0]).toMatch(WORK);
    expect(ofCells(there)).toEqual({ links: [], tables: [], clients: [] });
  },
  120_000,
);

test('a chain that rejects at its end, as that of firewalld: check prints its command; with a trusted source cells work', async () => {
  const there = host(IPV4, LIKE_FIREWALLD);
  const [line, remedy] = await ofCheck(there);
  expect(line).toMatch(DROPS);
  expect(remedy).toBe(
    'firewall-cmd --permanent --zone=trusted --add-source=169.254.0.0/16; firewall-cmd --reload',
  );
  there.run(TRUSTED);
  expect((await ofCheck(there))[0]).toMatch(WORK);
}, 120_000);

test('a policy of drop before which another chain accepts all is no obstacle', async () => {
  const rules =
    'iptables-nft -P FORWARD DROP; iptables-nft -N DOCKER-USER; iptables-nft -A FORWARD -j DOCKER-USER; iptables-nft -A DOCKER-USER -j ACCEPT';
  expect((await ofCheck(host(IPV4, rules)))[0]).toMatch(WORK);
}, 120_000);

test('a host whose only way out is IPv6: check says that cells have none', async () => {
  expect(await ofCheck(host(IPV6, ''))).toEqual([
    expect.stringMatching(
      /^missing +cells: a cell reaches IPv4 addresses only, and this host has a default route for IPv6 only$/,
    ),
    'isolation: none, or add an IPv4 default route',
  ]);
}, 120_000);
