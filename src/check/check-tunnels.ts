import { PROFILES } from '../clients/built-in.ts';
import { isVisible } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import { enabledClients } from '../config/used-clients.ts';
import { reason } from '../files/reason.ts';
import { ipCommand } from '../host/network/ip-command.ts';
import { hasCapability } from '../rights/capabilities.ts';
import { userName } from '../rights/user-name.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** The file that a client opens to create a tunnel device (tun(4)), and that of pppd(8). */
const TUN = { file: '/dev/net/tun', module: 'tun' };
const PPP = { file: '/dev/ppp', module: 'ppp_generic' };

/**
 * Whether clients can create a tunnel device. No finding if no enabled site has such a client.
 *
 * @param onHost the config, with those sites alone that are not tested in cells: in its cell a client has the rights that it needs.
 */
export function checkTunnels(config: Config, onHost: Config, system: System): readonly Finding[] {
  const visibleIn = (some: Config) => enabledClients(some).filter(isVisible);
  const clients = visibleIn(config);
  const names = clients.map(({ name }) => name);
  if (names.length === 0) return [];
  // A client of the config may use a service that has the right to create the device.
  const lacking = names.some((name) => PROFILES.has(name)) ? missing : warning;
  const tunnel = `tunnel of ${names.join(', ')}`;
  const findings: Finding[] = [];
  if (ipCommand(system) === undefined) {
    findings.push(
      missing(`${tunnel}: the command ip is not there`, 'Debian, Ubuntu: apt-get install iproute2'),
    );
  }
  if (visibleIn(onHost).length > 0 && !hasCapability(system, 'CAP_NET_ADMIN').children) {
    findings.push(
      lacking(
        `${tunnel}: ${userName(system, system.uid)} may make no network device and no route`,
        'as a service: AmbientCapabilities=CAP_NET_ADMIN, in a container --cap-add NET_ADMIN, or run it as root',
      ),
    );
  }
  for (const { file, module } of new Set(clients.map(({ ppp }) => (ppp === true ? PPP : TUN)))) {
    const why = whyNotOpened(file, system);
    if (why === null) continue;
    findings.push(
      lacking(
        `${tunnel}: ${file} can't be opened: ${why}`,
        `modprobe ${module}; in a container --device ${file}`,
      ),
    );
  }
  return findings.length > 0 ? findings : [ok(`${tunnel}: ip is there, and devices and routes may be made`)];
}

function whyNotOpened(file: string, { files }: System): string | null {
  try {
    files.accessSync(file, files.constants.R_OK | files.constants.W_OK);
    return null;
  } catch (error) {
    return reason(error);
  }
}
