import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missingPrograms } from '../../support/missing-programs.ts';
import { PATH, ROOT } from '../../support/paths.ts';
import { until } from '../../support/until.ts';

const SYSTEMD = '/lib/systemd/systemd';
/** Where the package lies inside. */
export const PACKAGE = '/opt/vpn-monitor';

// When stdin ends, that is when the test ends it or has been killed, the world ends, and nothing is left.
const OUTER = `set -e
. "$MACHINE"
folder=$1
exec 3<&0 </dev/null
run_machine "$folder" --net bash -c "$2" bash "$folder" "$3" 3<&-
# Whoever would read it may be gone, and a word that nobody reads ends this.
exec 2>/dev/null
(
  read -r _ <&3 || true
  kill -KILL "$machine"
) &
wait "$machine" || true
kill "$!" || true
tidy_machine "$folder"
rm -rf --one-file-system "$folder"`;

// The machine's files are those of the host; what is written goes to memory.
const INNER = `set -e
. "$MACHINE"
folder=$1
mount -t tmpfs -o mode=755 tmpfs "$folder"
root=$folder/root
mount_machine "$root" / "$folder"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root${PACKAGE}/node_modules"
mount --bind "$2" "$root${PACKAGE}/node_modules"
# What waits for a network of the host's waits in vain.
ln -sf /dev/null "$root/etc/systemd/system/network-online.target"
rm -f "$root/etc/resolv.conf"
echo 'nameserver 192.0.2.53' >"$root/etc/resolv.conf"
boot_machine "$root" vpn-monitor-test basic.target "$folder"`;

/** A real systemd as the first process of a machine of its own, with the built package in {@link PACKAGE}. */
export interface SystemdWorld {
  /** Leads from outside to the root folder as it is inside. */
  readonly view: string;
  /** Runs a shell text inside to its end and returns its stdout. Throws if it fails. */
  run(script: string): string;
  /** As {@link run}, but gives the exit status and all that it said. */
  attempt(script: string): { readonly status: number | null; readonly said: string };
  /** Writes a file inside, with the folders that it needs. */
  write(file: string, text: string, mode?: number): void;
  /** A file as it is inside; empty if there is none. */
  read(file: string): string;
  /** Properties of a unit as `systemctl show` gives them. */
  show<Name extends string>(unit: string, ...names: Name[]): Record<Name, string>;
  /** What a unit's processes have said. */
  journal(unit: string): string;
  /** Ends everything; nothing is left. */
  end(): Promise<void>;
}

/** Why {@link createSystemdWorld} can't work here, or `undefined` if it can. */
export function systemdUnavailable(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root: a real systemd is started in namespaces of its own';
  const missing = missingPrograms([SYSTEMD]);
  if (missing !== undefined) return missing;
  // In mounts of its own, and in memory: nothing is to be tidied up.
  const script = `set -e; mount -t tmpfs tmpfs "$0"; cd "$0"; mkdir groups upper work over
    mount -t cgroup2 cgroup2 groups; [ -w groups/cgroup.procs ]
    mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay over`;
  const tried = spawnSync(
    'unshare',
    ['--mount', '--pid', '--fork', '--cgroup', 'bash', '--norc', '-c', script, tmpdir()],
    { encoding: 'utf8' },
  );
  return tried.status === 0 ? undefined : `needs cgroup2 and overlays: ${tried.stderr.trim()}`;
}

/** Boots a {@link SystemdWorld}; see {@link systemdUnavailable} first. */
export async function createSystemdWorld(): Promise<SystemdWorld> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-systemd-'));
  chmodSync(folder, 0o755);
  const modules = realpathSync(path.join(ROOT, 'node_modules'));
  const outer = spawn('unshare', ['--mount', 'bash', '--norc', '-c', OUTER, 'bash', folder, INNER, modules], {
    env: { ...process.env, MACHINE: path.join(ROOT, 'test/support/machine.sh') },
    stdio: ['pipe', 'ignore', 'pipe'],
    // In a session of its own: ctrl-C on a terminal goes to a whole group, and must not end what tidies up.
    detached: true,
  });
  let said = '';
  outer.stderr.on('data', (data) => (said += data));
  outer.stdin.on('error', () => undefined);
  const gone = once(outer, 'close');
  const end = async () => {
    outer.stdin.end();
    await gone;
  };
  try {
    const init = await until('systemd has been started', () => {
      if (outer.exitCode !== null) throw new Error(`no world: ${said}`);
      return systemdBelow(outer.pid ?? 0);
    });
    const world = worldOf(init, end);
    for (const name of ['dist', 'package.json', 'config.example.yml']) {
      cpSync(path.join(ROOT, name), `${world.view}${PACKAGE}/${name}`, { recursive: true });
    }
    await until('systemd is up', () =>
      /running|degraded/.test(world.attempt('systemctl is-system-running').said),
    );
    return world;
  } catch (error) {
    await end();
    throw error;
  }
}

function worldOf(init: number, end: () => Promise<void>): SystemdWorld {
  const seen = (file: string) => `/proc/${init}/root${file}`;
  const enter = [
    '-t',
    `${init}`,
    '--pid',
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--cgroup',
    '--root',
    '--wd',
    '--',
  ];
  const env = { PATH, HOME: '/root', LC_ALL: 'C.UTF-8', TZ: 'UTC', SYSTEMD_PAGER: 'cat' };
  const attempt = (script: string) => {
    const { status, stdout, stderr } = spawnSync('nsenter', [...enter, 'bash', '--norc', '-c', script], {
      env,
      encoding: 'utf8',
    });
    return { status, said: stdout + stderr };
  };
  return {
    view: seen(''),
    attempt,
    run: (script) =>
      execFileSync('nsenter', [...enter, 'bash', '--norc', '-c', script], { env, encoding: 'utf8' }),
    write: (file, text, mode = 0o644) => {
      mkdirSync(path.dirname(seen(file)), { recursive: true });
      writeFileSync(seen(file), text);
      chmodSync(seen(file), mode);
    },
    read: (file) => (existsSync(seen(file)) ? readFileSync(seen(file), 'utf8') : ''),
    show: (unit, ...names) =>
      Object.fromEntries(
        attempt(`systemctl show -p ${names.join(' -p ')} '${unit}'`)
          .said.trimEnd()
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        // One line a property, which is what was asked for.
      ) as ReturnType<SystemdWorld['show']>,
    journal: (unit) => attempt(`journalctl --sync && journalctl --no-pager -o cat -u '${unit}'`).said,
    end,
  };
}

/** The pid of the systemd among the descendants of a process. */
function systemdBelow(pid: number): number | undefined {
  for (const child of childrenOf(pid)) {
    if (nameOf(child) === 'systemd') return child;
    const below = systemdBelow(child);
    if (below !== undefined) return below;
  }
  return undefined;
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
