import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWorld, type World, type WorldProcess } from '../support/world.ts';
import { configText, FACTOR, place } from './place.ts';
import { type Life, type MailNote, parseNotes, type Recording } from './recording.ts';
import { type Fault, type Schedule, TESTS } from './schedule.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOOK_EVERY_MS = 10;
/** Real time for all tests of a schedule, and for each wait at its end. Ten times what a busy machine took. */
const TESTS_LIMIT_MS = 180_000;
const WAIT_LIMIT_MS = 60_000;
/** The longest that resolv.conf can't be restored, in real time. */
const NO_RESTORE_MS = 3000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A monitor that runs. */
interface Running {
  readonly process: WorldProcess;
  readonly pid: number;
  /** Its pid outside of the world. */
  readonly outerPid: number;
  status: number | undefined;
  stopped: boolean;
}

/** Plays a schedule in a world of its own, from its first start to its orderly stop. */
export async function play(schedule: Schedule): Promise<Recording> {
  const world = createWorld();
  try {
    place(world, schedule);
    return await playIn(world, schedule);
  } finally {
    world.end();
  }
}

async function playIn(world: World, schedule: Schedule): Promise<Recording> {
  const at = (name: string) => path.join(world.folder, name);
  const seen = (name: string) => path.join(world.view, world.folder, name);
  const read = (name: string) => (existsSync(seen(name)) ? readFileSync(seen(name), 'utf8') : '');
  const lives: Life[] = [];
  const commandLines = new Set<string>();
  const zero = Date.now();
  let moved = 0;
  let step = 0;
  /** How many refused configs the running monitor had told of when a bad one was put in place. */
  let badConfig: number | null = null;

  const peer = world.start([
    process.execPath,
    path.join(ROOT, 'test/faults/programs/smtp-peer.mjs'),
    world.folder,
  ]);
  await until('the mail server listens', () => peer.stdout() !== '');

  const start = async (): Promise<Running> => {
    writeFileSync(at('config.yml'), configText(world.folder, schedule, 'first'), { mode: 0o600 });
    badConfig = null;
    const preloads = ['test/support/fast-time.mjs', 'test/faults/programs/strike.mjs'];
    const started = world.start(
      [
        process.execPath,
        ...preloads.flatMap((file) => ['--import', path.join(ROOT, file)]),
        path.join(ROOT, 'dist/main.js'),
      ],
      {
        TZ: schedule.zone,
        FAST_TIME_FACTOR: String(FACTOR),
        FAST_TIME_ZERO: String(zero),
        FAST_TIME_START: String(Date.parse(schedule.start)),
        FAST_TIME_STEP: at('step'),
        STRIKE_FILE: at('strike'),
      },
    );
    const outerPid = await until('the monitor is started', () => childrenOf(started.child.pid ?? 0)[0]);
    const pid = await until('the monitor has a pid', () => innerPid(outerPid));
    writeFileSync(at('daemon.pid'), String(pid));
    const running: Running = { process: started, pid, outerPid, status: undefined, stopped: false };
    void started.ended.then((status) => {
      running.status = status;
    });
    return running;
  };
  const signal = (running: Running, name: NodeJS.Signals) => {
    try {
      if (running.status === undefined) process.kill(running.outerPid, name);
    } catch {
      // It has just ended by itself.
    }
  };
  const bury = ({ pid, status = 0, stopped, process: ended }: Running) =>
    void lives.push({ pid, status, stopped, stdout: ended.stdout(), stderr: ended.stderr() });
  const refusals = (running: Running) => running.process.stderr().split('Config not read again').length;

  const begin = (fault: Fault) => {
    switch (fault.kind) {
      case 'disk-full':
        return void world.run('cat /dev/zero >data/filler 2>/dev/null; test -s data/filler');
      case 'read-only':
        // A mount of its own: files that are open for writing would keep this one from changing.
        return void world.run('mount --bind data data && mount -o remount,bind,ro data');
      case 'mail-down':
      case 'restore-fails':
        return writeFileSync(at(fault.kind), '');
      case 'folder-moved':
        moved += 1;
        return renameSync(seen('data/results'), seen(`data/moved-${moved}`));
      case 'log-deleted':
        for (const name of readdirSync(seen('data/results'))) {
          if (/^monitoring.*\.log$/.test(name)) rmSync(path.join(seen('data/results'), name));
        }
        return undefined;
      case 'config-good':
      case 'config-bad':
        if (badConfig !== null) return undefined;
        if (fault.kind === 'config-bad') badConfig = refusals(daemon);
        writeFileSync(
          at('config.yml'),
          configText(world.folder, schedule, fault.kind === 'config-bad' ? 'bad' : 'good'),
        );
        return signal(daemon, 'SIGHUP');
      case 'stop': {
        const stopping = daemon;
        stopping.stopped = true;
        signal(stopping, 'SIGTERM');
        if (fault.twice) setTimeout(() => signal(stopping, 'SIGTERM'), 1200 / FACTOR);
        return undefined;
      }
      case 'clock':
        step += fault.ms;
        return writeFileSync(at('step'), String(step));
    }
  };
  const undo = (fault: Fault) => {
    if (fault.kind === 'disk-full') rmSync(seen('data/filler'));
    if (fault.kind === 'read-only') world.run('mount -o remount,bind,rw data');
    if (fault.kind === 'mail-down' || fault.kind === 'restore-fails') rmSync(at(fault.kind), { force: true });
  };

  let daemon = await start();
  let test = 0;
  const waiting = [...schedule.faults];
  /** With the real time of their beginning. */
  const going = new Map<Fault, number>();
  /** Does what is due; starts the monitor again if it has ended. */
  const look = async () => {
    const now = Number(read('test'));
    if (now > test) {
      test = now;
      for (const line of commandLinesOf(daemon.outerPid)) commandLines.add(line);
    }
    if (daemon.status !== undefined) {
      bury(daemon);
      if (![0, 137].includes(daemon.status)) throw new Error(`the monitor ended with ${daemon.status}`);
      daemon = await start();
    }
    for (const [fault, since] of going) {
      // On a host that can't be cleaned no test begins.
      const tooLong = fault.kind === 'restore-fails' && performance.now() - since > NO_RESTORE_MS;
      if (!('until' in fault) || (test <= fault.until && !tooLong)) continue;
      undo(fault);
      going.delete(fault);
    }
    while (waiting[0] !== undefined && waiting[0].at <= test) {
      const fault = waiting.shift();
      if (fault === undefined) break;
      begin(fault);
      if ('until' in fault) going.set(fault, performance.now());
    }
    if (badConfig !== null && refusals(daemon) > badConfig) {
      writeFileSync(at('config.yml'), configText(world.folder, schedule, 'first'));
      badConfig = null;
    }
  };
  const lookUntil = async (what: string, condition: () => boolean, limitMs: number) => {
    const deadline = performance.now() + limitMs;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
      await look();
      await sleep(LOOK_EVERY_MS);
    }
  };

  let stuck: string | null = null;
  let descriptors: string[] = [];
  let children: string[] = [];
  try {
    await lookUntil(`test ${TESTS}`, () => test > TESTS && waiting.length === 0, TESTS_LIMIT_MS);
    for (const fault of going.keys()) undo(fault);
    going.clear();
    writeFileSync(at('strike'), '');
    writeFileSync(at('mail-good'), '');
    await lookUntil('the bad config is refused', () => badConfig === null, WAIT_LIMIT_MS);
    // Back-off is counted on the wall clock where it must outlive a restart.
    writeFileSync(at('step'), String(step + 3600_000));
    signal(daemon, 'SIGHUP');
    const told = () => {
      const { mails, host } = JSON.parse(read('data/results/.state/state.json') || '{"mails":[1]}');
      return mails.length === 0 && host === null;
    };
    const first = test;
    const cycled = () => test > first + schedule.sites.length;
    await lookUntil('a last cycle, and all mails', () => cycled() && told(), WAIT_LIMIT_MS);
    writeFileSync(at('config.yml'), configText(world.folder, schedule, 'last'));
    signal(daemon, 'SIGHUP');
    const resting = () => daemon.process.stderr().includes('every 100000 s') && told();
    await lookUntil('it rests', () => resting() && childrenOf(daemon.outerPid).length === 0, WAIT_LIMIT_MS);
    // What is closed now may be so a moment later.
    await sleep(100);
    descriptors = descriptorsOf(daemon.outerPid);
    children = childrenOf(daemon.outerPid).map(nameAndState);
    daemon.stopped = true;
    signal(daemon, 'SIGTERM');
    await until('the monitor has stopped', () => daemon.status !== undefined);
  } catch (error) {
    stuck = error instanceof Error ? error.message : String(error);
    signal(daemon, 'SIGKILL');
    await daemon.process.ended;
  }
  if (lives.at(-1)?.pid !== daemon.pid) bury(daemon);
  // Here the real one is needed.
  rmSync(at('bin/ps'));
  const kept = [peer.pid()];
  const processes = world
    .processes()
    .filter(({ pid, parent, name }) => (pid !== 1 && parent !== 1) || !['bash', 'sleep'].includes(name))
    .filter(({ pid, args }) => !kept.includes(pid) && !/^(?:bash -c cd|ps) /.test(args))
    .map(({ name, state, args }) => `${name} ${state} ${args}`);
  const files = filesBelow(seen('data')).map((file) => ({
    name: path.relative(seen('data'), file),
    text: readFileSync(file, 'utf8'),
  }));
  return {
    notes: parseNotes(read('notes')),
    lives,
    csv: files.filter(({ name }) => name.endsWith('.csv')),
    mails: read('mails')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as MailNote),
    files,
    commandLines: [...commandLines],
    idle: { descriptors, children },
    end: {
      processes,
      locks: locksIn(path.join(path.dirname(world.view), 'net/unix')),
      resolv: read('resolv.conf'),
      resolvGood: read('resolv.good'),
      entries: existsSync(seen('data/results')) ? entriesBelow(seen('data/results')) : [],
    },
    stuck,
  };
}

async function until<T>(what: string, condition: () => T | undefined | false): Promise<T> {
  const deadline = performance.now() + WAIT_LIMIT_MS;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${WAIT_LIMIT_MS / 1000} s in vain: ${what}`);
    await sleep(LOOK_EVERY_MS);
  }
}

function readProc(file: string): string {
  try {
    return readFileSync(path.join('/proc', file), 'utf8');
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  return readProc(`${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** The pid of a process in its own namespace. */
function innerPid(pid: number): number | undefined {
  const inner = /^NSpid:.*\t(\d+)$/m.exec(readProc(`${pid}/status`))?.[1];
  return inner === undefined ? undefined : Number(inner);
}

function nameAndState(pid: number): string {
  return (
    /\((.*)\) (\S)/
      .exec(readProc(`${pid}/stat`))
      ?.slice(1, 3)
      .join(' ') ?? 'gone'
  );
}

function commandLinesOf(pid: number): string[] {
  return [pid, ...childrenOf(pid)].map((each) => readProc(`${each}/cmdline`));
}

function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(path.join(folder, fd))];
    } catch {
      return [];
    }
  });
}

/** The abstract sockets of the monitor that are bound in a network namespace. */
function locksIn(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => /@(vpn-monitor[^@]*)/.exec(line)?.[1] ?? []);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(file);
    return entry.isFile() ? [file] : [];
  });
}

function entriesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String);
}
