import type { Place } from '../system/place.ts';

/** Settings of the kernel that keep ordinary users from creating namespaces: the file, the value that does, and the remedy. */
const FORBIDDING = [
  {
    // A patch of Debian and Ubuntu.
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    value: '0',
    remedy: 'sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    file: '/proc/sys/user/max_user_namespaces',
    value: '0',
    remedy: 'sysctl -w user.max_user_namespaces=15000',
  },
  {
    // Ubuntu 23.10 and later: a user namespace has no capabilities unless a profile of AppArmor allows them.
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    value: '1',
    remedy: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
] as const;

/** What root can do so that ordinary users may create the namespaces of cells, where they could not. */
export function remedyForUserNamespaces(host: Pick<Place, 'readFile'>): string {
  const commands = FORBIDDING.filter(({ file, value }) => {
    const seen = host.readFile(file);
    return seen.state === 'read' && seen.text.trim() === value;
  }).map(({ remedy }) => remedy);
  if (commands.length > 0) return `as root: ${commands.join('; ')} (to keep it: a file in /etc/sysctl.d)`;
  return 'a container or the sandbox of a service may forbid namespaces (RestrictNamespaces=no) or a new /proc (ProtectKernelTunables=no); /dev/net/tun must be there: modprobe tun';
}
