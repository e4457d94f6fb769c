import type { World } from '../../support/world.ts';

/** The client's own address in the lab. */
export const CLIENT_ADDRESS = '10.77.1.2';
/** What the world's /etc/resolv.conf says before any client has changed it. */
export const RESOLV_CONF = 'nameserver 10.77.1.1\n';

/** Where one gateway stands in the lab's network. */
export interface Place {
  /** Of its network namespace, and of its port at the router. */
  readonly name: string;
  /** Where the client reaches it. */
  readonly external: string;
  /** Reached through its tunnel only. */
  readonly internal: string;
  /** The subnet of `internal`, /24, without its last number: `10.77.101`. */
  readonly inner: string;
  /** The subnet of which clients get their addresses, as `inner`. */
  readonly pool: string;
}

/**
 * The place of the gateway with this number (1 to 40), its inner subnet that of the gateway with the number
 * `innerOf`.
 */
export function place(number: number, innerOf = number): Place {
  const inner = `10.77.${100 + innerOf}`;
  return {
    name: `gw${number}`,
    external: `10.77.0.${10 + number}`,
    internal: `${inner}.1`,
    inner,
    pool: `10.77.${150 + number}`,
  };
}

/**
 * Gives a world its own /etc and /run, and joins it, as the client, through a router to every gateway's network
 * namespace. All of it is the world's alone and goes with its last process.
 */
export function layNetwork(world: World, places: readonly Place[]): void {
  const router = [
    'link set lo up',
    'link set client up',
    'addr add 10.77.1.1/24 dev client',
    'link add outside type bridge',
    'addr add 10.77.0.1/24 dev outside',
    'link set outside up',
    ...places.flatMap(({ name }) => [
      `link add ${name} type veth peer name wan netns ${name}`,
      `link set ${name} master outside up`,
    ]),
  ];
  world.run(`set -e
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir /run/netns /run/etc
    cp -a /etc/. /run/etc
    rm -f /run/etc/resolv.conf
    printf '${RESOLV_CONF.replace('\n', '\\n')}' >/run/etc/resolv.conf
    mount --bind /run/etc /etc
    ${batch('', [
      ...['router', ...places.map(({ name }) => name)].map((name) => `netns add ${name}`),
      'link add wan type veth peer name client netns router',
      `addr add ${CLIENT_ADDRESS}/24 dev wan`,
      'link set wan up',
      'route add default via 10.77.1.1',
    ])}
    ${batch('-n router', router)}
    ${inNamespace('router', 'sh -c "echo 1 >/proc/sys/net/ipv4/ip_forward"')}
    ${places.map(furnish).join('\n')}`);
}

/** A shell command as it runs in the network namespace of a gateway or the router. */
export function inNamespace(name: string, command: string): string {
  return `nsenter --net=/run/netns/${name} ${command}`;
}

function furnish({ name, external, internal }: Place): string {
  const commands = [
    'link set lo up',
    `addr add ${external}/24 dev wan`,
    'link set wan up',
    'route add default via 10.77.0.1',
    // A bridge without ports holds an address as a network card of the inside would.
    'link add inside type bridge',
    `addr add ${internal}/24 dev inside`,
    'link set inside up',
  ];
  const table = `table inet lab {
    counter outside {}
    counter inside {}
    chain count {
      type filter hook input priority -10
      ip daddr ${external} icmp type echo-request counter name outside
      ip daddr ${internal} icmp type echo-request counter name inside
    }
  }`;
  return `${batch(`-n ${name}`, commands)}\n${inNamespace(name, `nft '${table}'`)}`;
}

function batch(options: string, lines: readonly string[]): string {
  return `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} | ip ${options} -batch -`;
}
