import { spawnSync } from 'node:child_process';
import { missingPrograms } from '../../support/missing-programs.ts';
import { worldUnavailable } from '../../support/world.ts';

const PROGRAMS = ['openconnect', 'ocserv', 'ocpasswd', 'occtl', 'openvpn', 'nft', 'ip', 'openssl', 'nsenter'];
const TRY_KERNEL =
  'ip tuntap add dev try mode tun && ip link add try1 type veth peer name try2 && ip link add try3 type bridge && nft add table inet try';

/**
 * Why {@link createLab} can't work here, with the command to type where one helps; `undefined` if it can.
 *
 * @param further programs that the test needs beside those of every lab.
 */
export function labUnavailable(further: readonly string[] = []): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root: real VPN clients and gateways make devices and routes';
  const lacking = missingPrograms([...PROGRAMS, ...further]) ?? worldUnavailable();
  if (lacking !== undefined) return lacking;
  const tried = spawnSync('unshare', ['--net', 'sh', '-c', TRY_KERNEL], { encoding: 'utf8' });
  return tried.status === 0
    ? undefined
    : `needs tun, veth, bridge and nftables in the kernel: ${tried.stderr.trim()}`;
}
