import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { failed, good, type Result } from '../model/result.ts';
import { startDeadline } from '../system/deadline.ts';
import type { System } from '../system/system.ts';
import { printableLine } from '../words/printable.ts';

/** The built program, also when this file runs from src. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** For a report, in ms: one of a year took 3 s of processor time (docs/benchmarks.md). */
const REPORT_MS = 5 * 60_000;
/** The lowest priority (setpriority(2)). */
const LOWEST = 19;

/** The days of a report, as they are typed; '': the default of the command. */
export interface ReportDays {
  readonly from: string;
  readonly to: string;
}

/**
 * Makes reports, one at a time, by a program of their own: a year of rows takes seconds. It stands still while a client logs in, whose
 * time is measured.
 */
export class ReportMaker {
  readonly #system: System;
  readonly #configFile: string;
  #isMaking = false;
  #pid: number | undefined;
  #loggingIn = false;

  constructor(system: System, configFile: string) {
    this.#system = system;
    this.#configFile = configFile;
  }

  /** Whether a report is being made. */
  get isMaking(): boolean {
    return this.#isMaking;
  }

  /** Lets the report wait while a client logs in. */
  setLoggingIn(loggingIn: boolean): void {
    if (loggingIn === this.#loggingIn) return;
    this.#loggingIn = loggingIn;
    this.#signal(loggingIn ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Gives up the report that is being made. */
  end(): void {
    this.#signal('SIGKILL');
  }

  /** Returns the report as HTML. Fails if there is none: why. To be called only if none is being made. */
  async make({ from, to }: ReportDays, signal: AbortSignal): Promise<Result<Buffer>> {
    const { files } = this.#system;
    const folder = files.mkdtempSync(path.join(os.tmpdir(), 'vpn-monitor-page-'));
    try {
      const file = path.join(folder, 'report.html');
      const days = [...(from === '' ? [] : ['--from', from]), ...(to === '' ? [] : ['--to', to])];
      const complaint = await this.write([...days, '--output', file], signal);
      return files.existsSync(file) ? good(files.readFileSync(file)) : failed(complaint);
    } finally {
      files.rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * Runs `vpn-monitor report` with these arguments to its end. Returns what it complained of; whether its files are there says whether it
   * has made a report. To be called only if none is being made.
   */
  async write(args: readonly string[], signal: AbortSignal): Promise<string> {
    const all = [MAIN, 'report', '--config', this.#configFile, ...args];
    this.#isMaking = true;
    const program = this.#system.attend(process.execPath, all, this.#system.env);
    this.#pid = program.pid;
    const limit = startDeadline(this.#system, REPORT_MS, signal);
    const end = () => this.end();
    limit.signal.addEventListener('abort', end, { once: true });
    if (limit.signal.aborted) end();
    try {
      if (program.pid !== undefined) os.setPriority(program.pid, LOWEST);
      if (this.#loggingIn) this.#signal('SIGSTOP');
      await program.ended;
    } finally {
      this.#isMaking = false;
      this.#pid = undefined;
      limit.signal.removeEventListener('abort', end);
      limit.end();
    }
    if (limit.expired()) return `it took more than ${REPORT_MS / 60_000} minutes`;
    return printableLine(program.complaint());
  }

  #signal(name: NodeJS.Signals): void {
    if (this.#pid !== undefined) this.#system.kill(this.#pid, name);
  }
}
