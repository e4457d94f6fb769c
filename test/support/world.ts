import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';

import { guardWorld } from './guard.ts';
import { PATH } from './paths.ts';

const ROOT = process.getuid?.() === 0;
const USER = ROOT ? [] : ['--user', '--map-root-user'];
/** SIOCSIFFLAGS, as `ip link set lo up` does it: perl is on every Debian, ip is not. */
const UP_SCRIPT = 'socket(S,2,2,0) or die $!; $r=pack("a16s","lo",0x41); ioctl(S,0x8914,$r) or die $!';
const LOOPBACK_UP = ['perl', '-e', UP_SCRIPT];

/**
 * Why {@link createWorld} can't work here, or `undefined` if it can. Without a world of its own a test of the whole
 * program would see, and kill, clients of other users.
 */
export function worldUnavailable(): string | undefined {
  const tried = spawnSync('unshare', [
    ...USER,
    '--pid',
    '--mount',
    '--net',
    '--fork',
    '--mount-proc',
    ...LOOPBACK_UP,
  ]);
  if (tried.error) return 'needs unshare (util-linux)';
  if (tried.status !== 0) return `needs namespaces (run as root): ${tried.stderr}`.trim();
  return undefined;
}

/** A program started in a world. */
export interface WorldProcess {
  readonly child: ChildProcess;
  /** Everything it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit status when it has ended: 128 + N after signal N. */
  readonly ended: Promise<number>;
  /** Sends a signal to the program itself. */
  signal(name: NodeJS.Signals): void;
  /** Its pid inside; throws until it has been started there. */
  pid(): number;
}

/**
 * Processes, loopback and mounts of their own: the whole program can run here with the real startct profile and
 * see nothing of the host.
 */
export interface World {
  /** A folder of this world, seen under the same path inside and outside. */
  readonly folder: string;
  /** Leads from outside to the root folder as it is seen inside, with what is mounted there. */
  readonly view: string;
  /** Runs a shell text inside to its end and returns its stdout. Throws if it fails. */
  run(script: string, env?: Record<string, string>): string;
  /** Starts a program inside. */
  start(command: readonly string[], env?: Record<string, string>): WorldProcess;
  /** The processes inside: name, state and command line. */
  processes(): { pid: number; parent: number; name: string; state: string; args: string }[];
  /** Ends everything inside, and removes the folder. */
  end(): void;
}

/** Makes a world, which ends with this process at the latest; see {@link worldUnavailable} first. */
export function createWorld(): World {
  const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-world-'));
  chmodSync(folder, 0o755);
  mkdirSync(path.join(folder, 'bin'));
  // The first process reaps orphans, as an init does.
  const init = spawn(
    'unshare',
    [
      ...USER,
      '--pid',
      '--mount',
      '--net',
      '--fork',
      '--kill-child=KILL',
      '--mount-proc',
      'bash',
      '-c',
      `perl -e '${UP_SCRIPT}' && mount -t sysfs sysfs /sys && mount -t tmpfs -o mode=1777 shm /dev/shm && touch "$0/.up"; while :; do sleep 1000 & wait; done`,
      folder,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const initPid = waitForInit(init, folder);
  const endGuard = guardWorld([init.pid ?? initPid, initPid], folder);
  const enter = [
    '-t',
    String(initPid),
    ...(ROOT ? [] : ['--user', '--preserve-credentials']),
    '--pid',
    '--mount',
    // Its root too: in a chroot the mount namespace's own is another one.
    '--root',
    '--wd',
    '--net',
    '--',
  ];
  let started = 0;

  const environment = (extra: Record<string, string> = {}) => ({
    PATH: `${folder}/bin:${path.dirname(process.execPath)}:${PATH}`,
    HOME: folder,
    TZ: 'UTC',
    ...extra,
  });
  const run = (script: string, env?: Record<string, string>) =>
    execFileSync('nsenter', [...enter, 'bash', '-c', `cd '${folder}' || exit; ${script}`], {
      env: environment(env),
      encoding: 'utf8',
    });

  return {
    folder,
    view: `/proc/${initPid}/root`,
    run,
    start: (command, env) => {
      started += 1;
      const pidFile = path.join(folder, `.pid-${started}`);
      const child = spawn(
        'nsenter',
        [...enter, 'sh', '-c', 'cd "$0" && echo $$ >"$1" && shift && exec "$@"', folder, pidFile, ...command],
        { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] },
      );
      const pid = () => Number(/^\d+/.exec(readFileSync(pidFile, 'utf8'))?.[0]);
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (data) => (stdout += data));
      child.stderr.on('data', (data) => (stderr += data));
      const ended = new Promise<number>((resolve) =>
        child.once('close', (code, signal) =>
          resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
        ),
      );
      return {
        child,
        stdout: () => stdout,
        stderr: () => stderr,
        ended,
        signal: (name) => void run(`kill -${name.slice(3)} ${pid()}`),
        pid,
      };
    },
    processes: () =>
      run('ps -A -o pid=,ppid=,s=,comm=,args= ww')
        .trim()
        .split('\n')
        .map((line) => /^\s*(\d+)\s+(\d+) (\S) (\S+)\s+(.*)$/.exec(line))
        .filter((match) => match !== null)
        .map((match) => ({
          pid: Number(match[1]),
          parent: Number(match[2]),
          state: match[3] ?? '',
          name: match[4] ?? '',
          args: match[5] ?? '',
        })),
    end: () => {
      init.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      endGuard();
    },
  };
}

/** The pid, outside, of the first process inside; throws if it does not come up. */
function waitForInit(init: ChildProcess, folder: string): number {
  const deadline = performance.now() + 40_000;
  while (!existsSync(path.join(folder, '.up'))) {
    if (performance.now() > deadline) {
      init.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw new Error('the world did not come up');
    }
    // Sleeps without a promise: a world is made in one step.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
  return Number(readFileSync(`/proc/${init.pid}/task/${init.pid}/children`, 'utf8'));
}

/** Stops a program as a service manager does. Throws what it has said unless it ends with 0. */
export async function stop({ signal, ended, stderr }: WorldProcess): Promise<void> {
  signal('SIGTERM');
  const status = await ended;
  if (status !== 0) throw new Error(`ended with ${status}: ${stderr()}`);
}

/** Writes an executable script into the world's own bin folder, which comes first in its PATH. */
export function installScript(world: World, name: string, text: string): void {
  const file = path.join(world.folder, 'bin', name);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}
