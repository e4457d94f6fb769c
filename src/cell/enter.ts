import { isIP } from 'node:net';
import { good } from '../model/result.ts';
import type { Place, Pty } from '../system/place.ts';
import type { System } from '../system/system.ts';
import { cellFiles } from './cell-files.ts';
import { firstChild } from './namespaces.ts';

/** A look-up's own time limits are shorter (resolv.conf(5)); callers have limits as well. */
const RESOLVE_MS = 30_000;
/** The kernel counts processor time in hundredths of a second (USER_HZ in proc(5)). */
const TICK_MS = 10;

/** The inside of namespaces, as a {@link Place}. */
export interface Inside {
  readonly place: Place;
  /** The processor time of all processes that run inside, in ms. */
  busyMs(): number;
}

/**
 * Returns the place inside the namespaces of the process `init`. Its programs are started by nsenter. Pids are those of the host, and only
 * processes of the same pid namespace are in the place.
 */
export function enter(system: System, init: number): Inside {
  const nsenter = system.findCommand('nsenter') ?? 'nsenter';
  const user = system.uid === 0 ? [] : ['-U', '--preserve-credentials'];
  const inside = ['-t', `${init}`, ...user, '-m', '-n', '-p', '-i', '--'];
  const namespace = system.readLink(`/proc/${init}/ns/pid`);
  /** The pids of the nsenter processes that hold a terminal. */
  const entered = new Set<number>();
  const pids = () =>
    namespace === undefined
      ? []
      : system
          .pidsInProc()
          .filter((pid) => pid !== init && system.readLink(`/proc/${pid}/ns/pid`) === namespace);
  const run: Place['run'] = (file, args, options) => system.run(nsenter, [...inside, file, ...args], options);
  const place: Place = {
    pid: system.pid,
    // In a user namespace that of the user, too.
    uid: 0,
    env: { ...system.env, TMPDIR: '/tmp' },
    now: system.now,
    monotonic: system.monotonic,
    sleep: system.sleep,
    bootId: system.bootId,
    findCommand: system.findCommand,
    canOpenFiles: system.canOpenFiles,
    readStat: system.readStat,
    readProcess: system.readProcess,
    hasInEnvironment: system.hasInEnvironment,
    ...cellFiles(system, init),
    run,
    // Node would ask the name servers of the host.
    resolve: async (host) => {
      try {
        const found = await run('getent', ['ahosts', host], { env: system.env, timeoutMs: RESOLVE_MS });
        const addresses = found.output.split('\n').map((line) => line.replace(/\s.*/, ''));
        return [...new Set(addresses.filter((address) => isIP(address.replace(/%.*/, '')) !== 0))];
      } catch {
        return [];
      }
    },
    spawnPty: (file, args, options) => {
      const started = system.spawnPty(nsenter, [...inside, file, ...args], options);
      if (!started.ok) return started;
      const pty = started.value;
      entered.add(pty.pid);
      pty.onExit(() => entered.delete(pty.pid));
      return good({ ...pty, notExecuted: notExecuted(pty) });
    },
    listPids: async () => pids(),
    pidsInProc: pids,
    kill: (pid, signal) => {
      if (signal === 0 || signal === 'SIGKILL') return system.kill(pid, signal);
      /*
       * nsenter leads the session of its terminal: its end is a SIGHUP for the client, which then does not log out. So a signal goes to its
       * child, and to all others of its group.
       */
      if (pid > 0) return system.kill(entered.has(pid) ? (firstChild(system, pid) ?? pid) : pid, signal);
      const members = pids().filter((member) => system.readStat(member)?.pgrp === -pid);
      if (members.length === 0) return system.kill(pid, signal);
      const outcomes = members.map((member) => system.kill(member, signal));
      return outcomes.find((outcome) => outcome !== 'gone') ?? 'gone';
    },
  };
  const busyMs = () => {
    const ticks = pids().map((pid) => {
      const stat = system.readFile(`/proc/${pid}/stat`);
      if (stat.state !== 'read') return 0;
      const fields = stat.text.slice(stat.text.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    });
    return TICK_MS * ticks.reduce((sum, each) => sum + each, 0);
  };
  return { place, busyMs };
}

/** nsenter says itself that it could not execute a program, with the exit status of a shell. */
function notExecuted(pty: Pty): Pty['notExecuted'] {
  return (output, exit) => {
    const words = /^nsenter: failed to execute .*: (.+)/m.exec(output)?.[1]?.trim();
    if (words === undefined || exit.signal !== 0 || ![126, 127].includes(exit.code)) {
      return pty.notExecuted(output, exit);
    }
    return words.replace(/^No such file or directory$/, '$& (the interpreter in its first line?)');
  };
}
