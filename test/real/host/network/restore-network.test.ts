import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wayTo } from '../../../../src/host/network/ip-command.ts';
import { networkKeeper } from '../../../../src/host/network/restore-network.ts';
import { devices } from '../../../../src/host/network/tun-devices.ts';
import { DONE } from '../../../../src/model/result.ts';
import { placeFiles } from '../../../../src/system/place-files.ts';
import type { System } from '../../../../src/system/system.ts';
import { machine } from '../../../support/machine.ts';
import { missingPrograms } from '../../../support/missing-programs.ts';
import { never } from '../../../support/never.ts';
import { recordingLog } from '../../../support/recording-log.ts';
import { until } from '../../../support/until.ts';
import { whyOf } from '../../../support/why-of.ts';
import { createWorld, installScript, type World, worldUnavailable } from '../../../support/world.ts';

/** Opens a tun device of its own (TUNSETIFF) and holds it until it is ended. */
const HOLDER = `#!/usr/bin/perl
open(my $tun, '+<', '/dev/net/tun') or die $!;
ioctl($tun, 0x400454ca, my $request = pack('a16sx22', $ARGV[0], 0x1001)) or die $!;
$| = 1;
print "ready\\n";
sleep 300;
`;
const GATEWAY = '198.51.100.9';
const NOTHING = { devices: [], tables: [] };

/** Why there can be no devices and routes of our own, or `undefined`. */
function unavailable(): string | undefined {
  const reason = missingPrograms(['ip']) ?? worldUnavailable();
  if (reason !== undefined) return reason;
  return fs.existsSync('/dev/net/tun') ? undefined : 'needs /dev/net/tun';
}

const reason = unavailable();
let world: World;

describe('the network', () => {
  beforeEach(({ skip }) => {
    skip(reason !== undefined, reason);
    world = createWorld();
    installScript(world, 'holds-tun', HOLDER);
    world.run('ip link add up0 type veth peer name up1; ip link set up1 up');
    world.run('ip addr add 192.0.2.2/24 dev up0; ip link set up0 up; ip route add default via 192.0.2.1');
  });
  afterEach(() => world?.end());

  /** The machine as it is seen inside the world. */
  function inside(): System {
    const within = (file: fs.PathLike) => path.join(world.view, String(file));
    const files = {
      ...fs,
      openSync: (file: string, flags: number) => fs.openSync(within(file), flags),
      readdirSync: (file: string) => fs.readdirSync(within(file)),
      readlinkSync: (file: string) => fs.readlinkSync(within(file)),
    } as unknown as typeof fs;
    const run: System['run'] = async (file, args) => {
      const script = [file, ...args].map((word) => `'${word}'`).join(' ');
      try {
        return { code: 0, output: world.run(`${script} 2>&1`) };
      } catch (error) {
        const { status, stdout } = error as { status: number; stdout: string };
        return { code: status, output: stdout };
      }
    };
    const pidsInProc = () => files.readdirSync('/proc').map(Number).filter(Number.isInteger);
    return { ...machine, ...placeFiles(files), run, pidsInProc };
  }

  /** Notes the network, lets `change` happen to it, and puts it right again. */
  async function restored(change: () => unknown, gateways: readonly string[] = [GATEWAY], system = inside()) {
    const log = recordingLog();
    const keeper = networkKeeper(system, log);
    const note = { ...(await keeper.note(gateways, never)), unmarked: [] };
    await change();
    const staying = whyOf(await keeper.restore(note, NOTHING, never));
    return { note, staying, lines: log.lines };
  }

  const nothing = { staying: null, lines: [] };
  const routes = () => world.run('ip -4 route show; ip -6 route show').trim().split(/\s*\n/);

  test('is noted as it is', async () => {
    const { note, ...rest } = await restored(() => undefined);
    expect(rest).toEqual(nothing);
    expect(note.bootId).toBe(machine.bootId());
    expect(note.devices?.sort()).toEqual(['lo', 'up0', 'up1']);
    expect(note.routes).toContain('-4 default via 192.0.2.1 dev up0');
    expect(note.gateways).toEqual([GATEWAY]);
    expect([...devices(inside())].sort()).toEqual(['lo', 'up0', 'up1']);
    expect(await wayTo(inside(), GATEWAY, never)).toMatchObject({ device: 'up0' });
    expect(await wayTo(inside(), '2001:db8::1', never)).toBeUndefined();
  });

  test('loses a tunnel device that was left and that nobody holds', async () => {
    const { staying, lines } = await restored(() => world.run('ip tuntap add left0 mode tun'));
    expect({ staying, lines }).toEqual({
      staying: null,
      lines: ['CRITICAL The device left0 was left by the client: removing it'],
    });
    expect(devices(inside())).not.toContain('left0');
  });

  test('keeps a tunnel device that a process holds, one that was there before, and one of another kind', async () => {
    world.run('ip tuntap add before0 mode tun');
    const held = await restored(async () => {
      world.run('ip tuntap add kept0 mode tun');
      const holders = ['kept0', 'held0'].map((name) => world.start(['holds-tun', name]));
      for (const holder of holders) await until('it holds its device', () => holder.stdout() !== '');
      world.run('ip link add other0 type veth peer name other1');
    });
    expect(held).toMatchObject(nothing);
    expect(devices(inside())).toEqual(expect.arrayContaining(['before0', 'kept0', 'held0', 'other0']));
  });

  test('keeps a tunnel device whose process is not to be seen: it would have gone with it', async () => {
    const blind = { ...inside(), pidsInProc: () => [] };
    const held = await restored(
      async () => {
        const holder = world.start(['holds-tun', 'held0']);
        await until('it holds its device', () => holder.stdout() !== '');
      },
      [GATEWAY],
      blind,
    );
    expect(held).toMatchObject(nothing);
    expect(devices(inside())).toContain('held0');
  });

  test('waits for a tunnel device that goes with its client', async () => {
    const holder = world.start(['holds-tun', 'going0']);
    await until('it holds its device', () => holder.stdout() !== '');
    let lives = true;
    const kill = () => {
      if (lives) holder.signal('SIGKILL');
      lives = false;
    };
    const pidsInProc = () => {
      // The client ends while it is looked for: nobody holds the device any more, and then it is gone.
      kill();
      return [];
    };
    const log = recordingLog();
    const system = { ...inside(), pidsInProc };
    const note = {
      bootId: machine.bootId(),
      devices: ['lo', 'up0', 'up1'],
      routes: [],
      gateways: [],
      unmarked: [],
    };
    expect(await networkKeeper(system, log).restore(note, NOTHING, never)).toEqual(DONE);
    expect(log.lines).toEqual([]);
    expect(devices(inside())).not.toContain('going0');
  });

  test('loses a new rule for a table of a client, and no other, and a new device of the kernel with the name of a client', async () => {
    world.run('ip rule add pref 219 from all lookup 220');
    const keeper = networkKeeper(inside(), recordingLog());
    const ours = { devices: ['wg0', 'up0'], tables: ['220'] };
    const note = { ...(await keeper.note([], never, { tables: ours.tables })), unmarked: [] };
    world.run('ip rule add pref 220 from all lookup 220; ip rule add pref 221 from all lookup 221');
    world.run('ip route add 10.0.0.0/8 via 192.0.2.1 table 220');
    world.run('ip link add wg0 type bridge; ip link add other0 type bridge');
    expect(await keeper.restore(note, ours, never)).toEqual(DONE);
    const rules = world.run('ip rule');
    expect(rules).toMatch(/^219:.*220\s*$/m);
    expect(rules).not.toMatch(/^220:/m);
    expect(rules).toMatch(/^221:/m);
    expect(devices(inside())).not.toContain('wg0');
    expect(devices(inside())).toEqual(expect.arrayContaining(['up0', 'other0']));
    // Somebody else's rule looks it up.
    expect(world.run('ip route show table 220')).toContain('10.0.0.0/8');
  });

  test('loses the routes of a table that only the client looked up', async () => {
    const keeper = networkKeeper(inside(), recordingLog());
    const ours = { devices: [], tables: ['220'] };
    const note = { ...(await keeper.note([], never, { tables: ours.tables })), unmarked: [] };
    world.run('ip rule add pref 220 from all lookup 220; ip -6 rule add pref 220 from all lookup 220');
    world.run('ip route add 10.0.0.0/8 via 192.0.2.1 table 220');
    expect(await keeper.restore(note, ours, never)).toEqual(DONE);
    expect(world.run('ip route show table all')).not.toContain('10.0.0.0/8');
  });

  test('loses IPsec policies and associations with the gateway, and the address for which they were, and no other', async () => {
    const policy = (inside: string, gateway: string) =>
      world.run(
        `ip xfrm policy add src ${inside} dst 10.0.0.0/8 dir out tmpl src 192.0.2.2 dst ${gateway} proto esp reqid 1 mode tunnel`,
      );
    const state = (gateway: string) =>
      world.run(`ip xfrm state allocspi src ${gateway} dst 192.0.2.2 proto esp mode tunnel`);
    const seen = () =>
      world.run('ip -o xfrm policy; ip -o xfrm state; ip -o -4 address show up0').split(/\n(?=.)/);
    policy('10.98.0.1/32', GATEWAY);
    state(GATEWAY);
    const log = recordingLog();
    const keeper = networkKeeper(inside(), log);
    const note = { ...(await keeper.note([GATEWAY], never, { ipsec: true })), unmarked: [] };
    policy('10.97.0.1/32', '198.51.100.77');
    state('198.51.100.77');
    world.run('ip address add 10.97.0.1/32 dev up0; ip address add 10.98.0.1/32 dev up0');
    const before = seen();
    policy('10.99.0.1/32', GATEWAY);
    world.run(
      `ip xfrm policy add src 10.0.0.0/8 dst 10.99.0.1/32 dir in tmpl src ${GATEWAY} dst 192.0.2.2 proto esp reqid 1 mode tunnel`,
    );
    state(GATEWAY);
    world.run('ip address add 10.99.0.1/32 dev up0');
    expect(seen()).toHaveLength(before.length + 4);
    expect(await keeper.restore(note, NOTHING, never)).toEqual(DONE);
    expect(seen().sort()).toEqual(before.sort());
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^CRITICAL The IPsec policy src 10\.(?:99|0)\.\S+ dst \S+ dir (?:in|out) was left by the client: removing it$/,
      ),
      expect.stringMatching(/ dir (?:in|out) was left/),
      expect.stringMatching(
        /The IPsec state src 198\.51\.100\.9 dst 192\.0\.2\.2 proto esp spi 0x[0-9a-f]{8} was left/,
      ),
      'CRITICAL The address 10.99.0.1/32 of up0 was left by the client: removing it',
    ]);
  });

  test('loses a host route to the gateway, of either family, and no other', async () => {
    world.run('ip -6 addr add 2001:db8::2/64 dev up0 nodad');
    const before = routes();
    const { staying, lines } = await restored(() => {
      world.run(`ip route add ${GATEWAY} via 192.0.2.1 dev up0`);
      world.run('ip -6 route add 2001:db8:1::9 via 2001:db8::1 dev up0');
      world.run('ip route add 203.0.113.7 via 192.0.2.1; ip route add 198.51.100.0/24 via 192.0.2.1');
    }, [GATEWAY, '2001:db8:1::9']);
    expect(staying).toBeNull();
    expect(lines).toEqual([
      `CRITICAL The route "${GATEWAY} via 192.0.2.1 dev up0" was left by the client: removing it`,
      expect.stringMatching(
        /^CRITICAL The route "2001:db8:1::9 via 2001:db8::1 dev up0 .*" was left by the client: removing it$/,
      ),
    ]);
    expect(routes().sort()).toEqual(
      [...before, '203.0.113.7 via 192.0.2.1 dev up0', '198.51.100.0/24 via 192.0.2.1 dev up0'].sort(),
    );
  });

  test('keeps a host route to the gateway that was there before, also when the cable is pulled', async () => {
    world.run(`ip route add ${GATEWAY} via 192.0.2.1 dev up0`);
    const pulled = await restored(() => world.run('ip link set up1 down'));
    expect(pulled).toMatchObject(nothing);
    expect(routes()).toContain(`${GATEWAY} via 192.0.2.1 dev up0 linkdown`);
  });

  test('gets its default route back when a client that was killed took it along', async () => {
    const before = routes();
    const { staying, lines } = await restored(() => {
      world.run('ip tuntap add full0 mode tun; ip addr add 10.0.0.9/32 dev full0; ip link set full0 up');
      world.run('ip route replace default dev full0');
    });
    expect(staying).toBeNull();
    expect(lines).toEqual([
      'CRITICAL The device full0 was left by the client: removing it',
      'CRITICAL The route "default via 192.0.2.1 dev up0" was removed by the client: adding it again',
    ]);
    expect(routes()).toEqual(before);
  });

  test('keeps another default route that somebody made meanwhile', async () => {
    const other = await restored(() => world.run('ip route replace default via 192.0.2.254'));
    expect(other).toMatchObject(nothing);
    expect(routes()).toContain('default via 192.0.2.254 dev up0');
  });

  test('of another boot is left as it is', async () => {
    const keeper = networkKeeper(inside(), recordingLog());
    const note = { ...(await keeper.note([GATEWAY], never)), unmarked: [] };
    world.run(`ip tuntap add left0 mode tun; ip route add ${GATEWAY} via 192.0.2.1 dev up0`);
    expect(await keeper.restore({ ...note, bootId: 'another' }, NOTHING, never)).toEqual(DONE);
    expect(devices(inside())).toContain('left0');
    expect(routes()).toContain(`${GATEWAY} via 192.0.2.1 dev up0`);
  });

  test('that can not be put right is said in words', async () => {
    const system = inside();
    const run: System['run'] = (file, args, options) =>
      args.includes('del')
        ? Promise.resolve({ code: 2, output: 'RTNETLINK answers: Operation not permitted\n' })
        : system.run(file, args, options);
    const { staying, lines } = await restored(
      () => world.run(`ip tuntap add left0 mode tun; ip route add ${GATEWAY} via 192.0.2.1 dev up0`),
      [GATEWAY],
      { ...system, run },
    );
    const why = '(RTNETLINK answers: Operation not permitted)';
    const words = [
      `the device left0 could not be removed ${why}`,
      `the route "${GATEWAY} via 192.0.2.1 dev up0" could not be removed ${why}`,
    ];
    expect(staying).toBe(words.join('; '));
    expect(lines.slice(-2)).toEqual(words.map((line) => `CRITICAL ${line}`));
  });
});
