import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OwnProgram } from '../../src/clients/profile.ts';
import { startct } from '../../src/clients/startct.ts';
import type { System } from '../../src/system/system.ts';
import { machine } from '../support/machine.ts';
import { until } from '../support/until.ts';

/** The programs that are Connect Tunnel's own. */
export const connectTunnel: readonly OwnProgram[] = startct.own.by === 'name' ? startct.own.processes : [];

/** The path of a small program in test/fixtures/host. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/host/${name}`, import.meta.url));
}

/** A name that no other program on this machine has, short enough for the kernel to keep all of it. */
export function uniqueName(): string {
  return `vpnm${randomBytes(4).toString('hex')}`;
}

/** The pids of a process group that run; a zombie does not. */
export function membersOf(group: number): number[] {
  return machine.pidsInProc().filter((pid) => {
    const process = machine.readStat(pid);
    return process?.pgrp === group && !'ZX'.includes(process.state);
  });
}

/** A system, and the pids of what it has started on a terminal. */
export function notingPids(system: System): { readonly system: System; readonly pids: readonly number[] } {
  const pids: number[] = [];
  const spawnPty: System['spawnPty'] = (...args) => {
    const spawned = system.spawnPty(...args);
    if (spawned.ok) pids.push(spawned.value.pid);
    return spawned;
  };
  return { system: { ...system, spawnPty }, pids };
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it has printed. */
  output(): string;
  /** Resolves when it has printed `text`. */
  printed(text: string): Promise<unknown>;
}

/** A folder for a test's programs, and those that run; {@link Programs.end} ends all of them and removes it. */
export interface Programs {
  readonly folder: string;
  /** Installs a fixture or another program under `name`; returns its path. */
  install(source: string, name: string): string;
  /** Starts a program; its stdin stays open until the end. */
  start(file: string, args?: readonly string[], env?: Readonly<Record<string, string>>): Running;
  end(): Promise<void>;
}

/** Makes an empty {@link Programs}. */
export function programs(): Programs {
  const folder = mkdtempSync(path.join(tmpdir(), 'vpnm-host-'));
  const running: ChildProcess[] = [];
  return {
    folder,
    install: (source, name) => {
      const target = path.join(folder, name);
      copyFileSync(source, target);
      return target;
    },
    start: (file, args = [], env) => {
      const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], ...(env && { env }) });
      running.push(child);
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (data: string) => {
        output += data;
      });
      // A program that was killed reads no more.
      child.stdin.on('error', () => {});
      const { pid } = child;
      if (pid === undefined) throw new Error(`${file} did not start`);
      return {
        child,
        pid,
        output: () => output,
        printed: (text) => until(`${file} has printed ${text}`, () => output.includes(text)),
      };
    },
    end: async () => {
      for (const child of running) {
        child.stdin?.destroy();
        child.stdout?.destroy();
        child.kill('SIGKILL');
      }
      const ended = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;
      await until('all programs of the test have ended', () => running.every(ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
