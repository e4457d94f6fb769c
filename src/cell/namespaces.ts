import { CELL_NAME } from '../host/leftovers/spare-cells.ts';
import { CELL_CLOSE_MS } from '../model/limits.ts';
import { DONE, failed, good, type Result } from '../model/result.ts';
import { startDeadline, unlessAborted } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { printableLine } from '../words/printable.ts';

/** The programs that cells need, and the Debian package of each. A way to connect them needs further ones. */
export const CELL_PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['bash', 'bash'],
  ['getent', 'libc-bin'],
  ['ip', 'iproute2'],
  ['mount', 'mount'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['unshare', 'util-linux'],
]);

/**
 * Furnishes a cell, from inside. Its arguments: the text of resolv.conf, commands of `ip -batch`, the home folders of the user, `--`, and
 * files that stay visible below the folders that are covered.
 *
 * - /etc is an overlay, so that a client may replace resolv.conf by renaming a file. Where it can't be one it is a copy.
 * - Home folders are overlays as well: clients keep a lock there, and settings that they need. Where they can't be, they are empty.
 * - The last process is bash since it reaps orphans (dash, sleep and cat do not). It ends with its stdin.
 * - Without `--norc` bash would read .bashrc: its stdin is a socket, as of a remote shell.
 */
const FURNISH = `set -e
resolv=$1 commands=$2
shift 2
homes=()
while [ "$1" != -- ]; do homes+=("$1"); shift; done
shift
declare -A kept
for file in "$@"; do
  if [ -r "$file" ]; then exec {fd}<"$file"; kept[$file]=$fd; fi
done
mount -t tmpfs -o mode=755 cell /run
# Where the host's is read-only, the kernel allows an ordinary user no other.
mount -t sysfs sysfs /sys 2>/run/error || mount -t sysfs -o ro sysfs /sys
mount -t tmpfs -o mode=1777 cell /tmp
[ ! -d /dev/shm ] || mount -t tmpfs -o mode=1777 cell /dev/shm
folders=(/run/cell/0/{changes,work})
for i in "\${!homes[@]}"; do folders+=("/run/cell/$((i + 1))"/{changes,work} "\${homes[i]}"); done
mkdir -p "\${folders[@]}" 2>/run/error || true
cover() { mount -t overlay -o "lowerdir=$2,upperdir=/run/cell/$1/changes,workdir=/run/cell/$1/work" cell "$2" 2>/run/error; }
if ! cover 0 /etc; then
  # An ordinary user may not read all of it.
  cp -a /etc /run/cell/etc 2>/run/error || true
  mount --bind /run/cell/etc /etc
fi
rm -f /etc/resolv.conf
printf '%s' "$resolv" >/etc/resolv.conf
for i in "\${!homes[@]}"; do
  if [ -d "\${homes[i]}" ]; then cover $((i + 1)) "\${homes[i]}" || mount -t tmpfs -o mode=700 cell "\${homes[i]}"; fi
done
for file in "\${!kept[@]}"; do
  fd=\${kept[$file]}
  if [ ! -e "$file" ]; then
    mkdir -p "\${file%/*}"
    if [ -d "/proc/self/fd/$fd" ]; then mkdir "$file"; else : >"$file"; fi
    mount --no-canonicalize --bind "/proc/self/fd/$fd" "$file"
  fi
  exec {fd}<&-
done
echo ready
read -r
ip -batch - <<<"link set lo up
$commands"
echo furnished
exec >/dev/null 2>&1
exec -a ${CELL_NAME} bash --norc -c 'while read -r; do :; done'`;

/** How a cell is furnished. */
export interface Furniture {
  readonly resolvConf: string;
  /** Commands of `ip -batch` that complete its connection. */
  readonly inside: readonly string[];
  /** The home folders of the user: each as it is, but changes stay in the cell. */
  readonly homes: readonly string[];
  /** Files and folders that stay visible below /run and /tmp. */
  readonly visible: readonly string[];
}

/** Namespaces of their own, and the process that holds them. */
export interface Namespaces {
  /** The pid, on the host, of their first process. All processes inside end with it. */
  readonly init: number;
  /** Ends all processes inside and waits until that is done. */
  close(): Promise<Result>;
}

/**
 * Creates namespaces for processes, mounts, network and IPC and furnishes them. They end with the monitor, even if that is killed: their
 * first process reads from it, and unshare is killed with it. Rejects with the reason of `signal`.
 *
 * @param connect connects the network of the process to that of the host, once it is there.
 */
export async function openNamespaces(
  system: System,
  { resolvConf, inside, homes, visible }: Furniture,
  connect: (init: number, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result<Namespaces>> {
  const [setpriv, unshare] = ['setpriv', 'unshare'].map(system.findCommand);
  if (setpriv === undefined || unshare === undefined)
    return failed('the commands setpriv and unshare are missing');
  const holder = system.attend(
    setpriv,
    [
      ...[
        '--pdeathsig',
        'KILL',
        unshare,
        // Without root, the right to create the others comes from a user namespace.
        ...(system.uid === 0 ? [] : ['--user', '--map-root-user']),
        '--net',
        '--mount',
        '--pid',
        '--ipc',
        '--fork',
        '--kill-child=KILL',
      ],
      ...['--mount-proc', '--propagation', 'private', 'bash', '--norc', '-c', FURNISH, 'furnish'],
      ...[resolvConf, inside.join('\n'), ...homes, '--', ...visible],
    ],
    { PATH: system.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  );
  const close = (init: number | undefined) => async (): Promise<Result> => {
    // The kernel ends all processes of a pid namespace with its first one. Then unshare, their parent, ends.
    if (init !== undefined) system.kill(init, 'SIGKILL');
    else if (holder.pid !== undefined) system.kill(holder.pid, 'SIGKILL');
    const closing = startDeadline(system, CELL_CLOSE_MS, new AbortController().signal);
    try {
      await unlessAborted(holder.ended, closing.signal);
      return DONE;
    } catch {
      return failed(
        `the cell with process ${init ?? holder.pid} did not end within ${CELL_CLOSE_MS / 1000} s`,
      );
    } finally {
      closing.end();
    }
  };
  let init: number | undefined;
  try {
    const ready = await unlessAborted(holder.nextLine(), signal);
    init = holder.pid === undefined ? undefined : firstChild(system, holder.pid);
    if (ready !== 'ready' || init === undefined) {
      await close(init)();
      return failed(`namespaces can't be created: ${printableLine(holder.complaint()) || 'unshare ended'}`);
    }
    const connected = await connect(init, signal);
    if (!connected.ok) {
      await close(init)();
      return connected;
    }
    holder.write('\n');
    if ((await unlessAborted(holder.nextLine(), signal)) !== 'furnished') {
      await close(init)();
      return failed(`the network of a cell can't be set up: ${printableLine(holder.complaint())}`);
    }
    return good({ init, close: close(init) });
  } catch (error) {
    await close(init)();
    throw error;
  }
}

/** The first child of a process: unshare and nsenter have one. */
export function firstChild(system: System, pid: number): number | undefined {
  const children = system.readFile(`/proc/${pid}/task/${pid}/children`);
  const first = children.state === 'read' ? /^\d+/.exec(children.text)?.[0] : undefined;
  return first === undefined ? undefined : Number(first);
}
