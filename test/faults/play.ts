import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { createWorld, type World, type WorldProcess } from '../support/world.ts';
import { lifeOf, type Monitor, PATIENCE, startMonitor } from './monitor.ts';
import { outsideOf } from './outside.ts';
import { configText, place } from './place.ts';
import { childrenOf, commandLinesOf, descriptorsOf, linksIn, locksIn, nameAndState } from './proc.ts';
import {
  type End,
  type Idle,
  type Life,
  type MailNote,
  neverRan,
  type PostNote,
  parseNotes,
  type Recording,
} from './recording.ts';
import { type Schedule, TESTS } from './schedule.ts';
import { filesBelow, viewOf } from './view.ts';

/** Seconds of real time for all tests of a schedule: thirty times what they take on a machine of two cores. */
const TESTS_LIMIT = 600;

/** Longer than a mail waits that may have arrived, in ms of fast time. */
const DOUBT = 13 * 3600_000;
/** Real time between two such steps of the clock, in ms: for the monitor to notice. */
const NOTICED_MS = 10_000;

/** Plays a schedule in a world of its own, from its first start to its orderly stop. */
export async function play(schedule: Schedule): Promise<Recording> {
  const world = createWorld();
  try {
    place(world, schedule);
    const servers = ['mail-server.mjs', 'receiver.mjs'].map((name) =>
      world.start([process.execPath, path.join(ROOT, 'test/faults/programs', name), world.folder]),
    );
    servers.push(world.start([path.join(world.folder, 'bin/killer')]));
    for (const server of servers) await until('a server listens', () => server.stdout() !== '', PATIENCE);
    return await playIn(world, schedule, servers);
  } finally {
    world.end();
  }
}

async function playIn(
  world: World,
  schedule: Schedule,
  servers: readonly WorldProcess[],
): Promise<Recording> {
  const { at, read, seen, testsBegun } = viewOf(world);
  const zero = Date.now();
  const outside = outsideOf(world, schedule, zero);
  const lives: Life[] = [];
  const commandLines = new Set<string>();
  let monitor = await startMonitor(world, schedule, zero);
  let test = 0;

  /** Does what is due; starts the monitor again if it has ended. */
  const look = async () => {
    const now = testsBegun();
    if (now > test) {
      test = now;
      for (const line of commandLinesOf(monitor.outerPid)) commandLines.add(line);
    }
    if (monitor.status !== undefined) {
      const life = lifeOf(monitor);
      lives.push(life);
      if (![0, 137].includes(life.status) && !neverRan(life))
        throw new Error(`the monitor ended with ${life.status}`);
      monitor = await startMonitor(world, schedule, zero);
      outside.restarted();
    }
    outside.strike(monitor, test);
  };
  const lookUntil = (what: string, condition: () => boolean, patience = PATIENCE) =>
    until(
      what,
      async () => {
        if (condition()) return true;
        await look();
        return false;
      },
      patience,
    );
  const reload = (kind: 'first' | 'last') => {
    writeFileSync(at('config.yml'), configText(world.folder, schedule, kind));
    monitor.signal('SIGHUP');
  };
  const waitingIn = () => {
    const { outbox, host } = JSON.parse(read('data/results/.state/state.json') || '{"outbox":[1]}');
    const doubts = outbox.filter(({ doubts }: { doubts?: number }) => (doubts ?? 0) > 0).length;
    return { mails: outbox.length > 0, doubts, fault: host !== null };
  };
  /** A whole cycle without faults, all mails, and then none more. Gives whether that is how it is left. */
  const rest = async () => {
    reload('first');
    const first = test;
    const cycled = () => test > first + schedule.sites.length;
    let stepped = Date.now();
    const noMailWaits = () => {
      const { mails, doubts } = waitingIn();
      // A mail that may have arrived waits for hours. A machine that is busy may have caused that after the faults, too.
      if (doubts > 0 && Date.now() - stepped > NOTICED_MS) {
        stepped = Date.now();
        outside.stepClock(DOUBT);
      }
      return !mails;
    };
    await lookUntil('a last cycle, and all mails', () => cycled() && noMailWaits() && !waitingIn().fault);
    const restsSoFar = rests();
    reload('last');
    await lookUntil('it rests', () => rests() > restsSoFar && noMailWaits());
    await lookUntil('no child', () => childrenOf(monitor.outerPid).length === 0);
    return noMailWaits() && !waitingIn().fault;
  };
  const rests = () => monitor.process.stderr().split('every 100000 s').length;

  let stuck: string | null = null;
  let idle: Idle = { descriptors: [], children: [] };
  try {
    await lookUntil(`test ${TESTS}, and all faults`, () => test > TESTS && !outside.pending(), {
      ...PATIENCE,
      seconds: TESTS_LIMIT,
    });
    outside.calm();
    writeFileSync(at('strike'), '');
    writeFileSync(at('mail-good'), '');
    // Back-off is counted on the wall clock where it must outlive a restart.
    outside.stepClock(DOUBT);
    // On a busy machine the last test may find a fault of the host: then it goes with another one.
    while (!(await rest()));
    idle = await lookAt(monitor);
    monitor.stopped = true;
    monitor.signal('SIGTERM');
    await until('the monitor has stopped', () => monitor.status !== undefined, PATIENCE);
  } catch (error) {
    stuck = error instanceof Error ? error.message : String(error);
    monitor.signal('SIGKILL');
    await monitor.process.ended;
  }
  if (lives.at(-1)?.pid !== monitor.pid) lives.push(lifeOf(monitor));
  const files = filesBelow(seen('data')).map((file) => ({
    name: path.relative(seen('data'), file),
    text: readFileSync(file, 'utf8'),
  }));
  return {
    notes: parseNotes(read('notes')),
    lives,
    csv: files.filter(({ name }) => name.endsWith('.csv')),
    mails: notesIn<MailNote>(read('mails')),
    posts: notesIn<PostNote>(read('posts')),
    files,
    commandLines: [...commandLines],
    silences: outside.silences(),
    idle,
    end: lookAtHost(world, servers),
    stuck,
  };
}

/** The notes of a server, one JSON a line. It writes nothing else there. */
function notesIn<T>(text: string): T[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as T);
}

/** An idle monitor. What is closed now may be so a moment later. */
async function lookAt({ outerPid }: Monitor): Promise<Idle> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { descriptors: descriptorsOf(outerPid), children: childrenOf(outerPid).map(nameAndState) };
}

function lookAtHost(world: World, servers: readonly WorldProcess[]): End {
  const { at, read, seen } = viewOf(world);
  // Here the real one is needed.
  rmSync(at('bin/ps'));
  const ours = ({ pid, parent, name, args }: ReturnType<World['processes']>[number]) =>
    servers.some((server) => pid === server.pid()) ||
    // The world's first process, what it waits with, and what lists the processes.
    pid === 1 ||
    (parent === 1 && name === 'sleep') ||
    /^(?:bash -c cd|ps) /.test(args);
  return {
    processes: world
      .processes()
      .filter((process) => !ours(process))
      .map(({ name, state, args }) => `${name} ${state} ${args}`),
    locks: locksIn(path.join(path.dirname(world.view), 'net/unix')),
    links: linksIn(path.join(path.dirname(world.view), 'net/dev')),
    resolv: read('resolv.conf'),
    resolvGood: read('resolv.good'),
    entries: existsSync(seen('data/results'))
      ? readdirSync(seen('data/results'), { recursive: true }).map(String)
      : [],
  };
}
