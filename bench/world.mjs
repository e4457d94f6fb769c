import { spawn, spawnSync } from 'node:child_process';

const NAMESPACES = ['--pid', '--mount', '--net', '--fork', '--kill-child=KILL', '--mount-proc'];
const USER = process.getuid() === 0 ? [] : ['--user', '--map-root-user'];
/** SIOCSIFFLAGS, as `ip link set lo up` does it: perl is on every Debian, ip is not. */
const LOOPBACK_UP = 'socket(S,2,2,0) or die $!; $r=pack("a16s","lo",0x41); ioctl(S,0x8914,$r) or die $!';

/** Whether a process can have pids, mounts and loopback of its own here: as root, or where users may make namespaces. */
export function hasWorlds() {
  return spawnSync('unshare', [...USER, ...NAMESPACES, 'perl', '-e', LOOPBACK_UP]).status === 0;
}

/**
 * Starts a command where it sees and ends no process but those it starts itself. Killing the child ends all of them.
 *
 * @param {readonly string[]} command
 * @param {Record<string, string>} env added to the environment
 */
export function startInWorld(command, env) {
  // bash stays the first process and reaps orphans, as an init does.
  const script = `perl -e '${LOOPBACK_UP}' && "$0" "$@"; exit $?`;
  return startOutside(['unshare', ...USER, ...NAMESPACES, 'bash', '-c', script, ...command], env);
}

/**
 * Starts a command as any other.
 *
 * @param {readonly string[]} command
 * @param {Record<string, string>} env added to the environment
 */
export function startOutside([program = '', ...args], env) {
  return spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
}
