import {
  createMonitoredWorld,
  type MonitoredWorld,
  type SiteSettings,
} from '../../support/monitored-world.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Gateway, type GatewayOptions, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';

/** The settings for sites that are all tested at the same time in cells. */
export const AT_ONCE = `frequency: 1
isolation: cell
concurrency: all
login: { step_timeout: 60, quit_timeout: 20 }
dns: { file: /etc/resolv.conf, restore: ['false'] }
ping: { count: 2, timeout: 60 }
`;

/** Brings up gateways that all have the same inner subnet and the same inner address. */
export function bringUp(kinds: readonly GatewayOptions['kind'][]): Promise<Lab<MonitoredWorld>> {
  return createLab(
    kinds.map((kind) => ({ kind, innerOf: 1 })),
    createMonitoredWorld(),
  );
}

/** The sites of gateways, each with the name of its gateway. */
export function sitesOf(
  gateways: readonly Gateway[],
  more: SiteSettings = {},
): Readonly<Record<string, SiteSettings>> {
  return Object.fromEntries(gateways.map((gateway) => [gateway.name, siteSettings(gateway, more)]));
}

/** The client programs that run now, anywhere in the world, without the gateways' own. */
function clients(world: MonitoredWorld): readonly string[] {
  return world
    .processes()
    .filter(
      ({ name, args }) =>
        /^(?:open(?:connect|vpn)|slirp4netns|charon-cmd|wireguard-go)$/.test(name) &&
        !args.includes('--server') &&
        !args.includes('/config') &&
        !args.includes('-f s-'),
    )
    .map(({ args }) => args);
}

/** What cells have made on the host: all of it is gone when the monitor has ended. */
export function ofCells(world: MonitoredWorld): { links: string[]; tables: string[]; clients: string[] } {
  const lines = (command: string) => world.run(command).split('\n').filter(Boolean);
  return {
    links: lines('ls /sys/class/net').filter((name) => name.startsWith('vc')),
    tables: lines('nft list tables').filter((name) => name.includes('vpn_monitor')),
    clients: [...clients(world)],
  };
}

/** The host as a client may change it (devices, routes, rules, resolv.conf, nft), without what the program itself makes there. */
export function hostWithoutCells(world: MonitoredWorld) {
  const { devices, routes, resolvConf } = hostState(world);
  // `dev if46` is what ip calls a device that goes while its route is printed.
  const isOwn = (line: string) => /\bvc[0-9a-f]{12}\b|\bdev if\d+\b/.test(line);
  return {
    devices: devices.filter((line) => !isOwn(line)),
    routes: routes.filter((line) => !isOwn(line)),
    resolvConf,
    nft: world.run('nft list ruleset').replace(/table ip vpn_monitor_\w+ \{\n(?:.*\n)*?\}\n/g, ''),
  };
}
