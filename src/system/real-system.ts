import { lookup } from 'node:dns/promises';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import psList from 'ps-list';
import { attend } from './attendant.ts';
import { placeFiles } from './place-files.ts';
import { hasInEnvironment, kill, pidsInProc, readProcess, readStat } from './processes.ts';
import { openPty } from './pty.ts';
import { runCommand } from './run-command.ts';
import type { System } from './system.ts';

const NO_PS = 'the command ps is not in PATH';

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      },
      Math.max(0, ms),
    );
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function findCommand(command: string, searchPath: string): string | undefined {
  const candidates = command.includes('/')
    ? [path.resolve(command)]
    : searchPath.split(':').map((folder) => path.resolve(folder, command));
  return candidates.find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

/**
 * The system of this host.
 *
 * @param environment the environment of children; its PATH is used to find commands.
 */
export function realSystem(environment: Readonly<Record<string, string>>): System {
  const find = (command: string) =>
    findCommand(command, environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin');
  let psRuns = false;
  return {
    hostname: os.hostname(),
    pid: process.pid,
    uid: process.getuid?.() ?? -1,
    env: environment,
    files: fs,
    ...placeFiles(fs),
    now: () => new Date(),
    monotonic: () => performance.now(),
    sleep,
    bootId: () => {
      try {
        return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      } catch {
        return '';
      }
    },
    resolve: (host) =>
      lookup(host, { all: true, verbatim: true }).then(
        (all) => all.map(({ address }) => address),
        () => [],
      ),
    findCommand: find,
    attend,
    spawnPty: openPty,
    run: runCommand,
    listPids: async () => {
      if (find('ps') === undefined) throw new Error(NO_PS);
      // ps-list does not end a ps that hangs. Do not start another one.
      if (psRuns) throw new Error('an earlier ps has not ended yet');
      psRuns = true;
      const all = await psList()
        .catch((error: NodeJS.ErrnoException) => {
          // ps was removed after the check above. This error would name no file: "no such file or directory".
          throw error.code === 'ENOENT' ? new Error(NO_PS) : error;
        })
        .finally(() => {
          psRuns = false;
        });
      const pids = all.map((entry) => entry.pid);
      // With BusyBox's ps, which does not know the options, ps-list resolves to an empty list (measured).
      if (!pids.includes(process.pid)) throw new Error('ps does not list this process: procps is needed');
      return pids;
    },
    pidsInProc,
    readStat,
    readProcess,
    hasInEnvironment,
    kill,
  };
}
