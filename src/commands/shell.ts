import type { EventEmitter } from 'node:events';
import type { Level } from '../log/log.ts';
import type { ServiceEnvironment } from '../service/environment.ts';
import type { System } from '../system/system.ts';
import type { Keyboard } from '../ui/questions.ts';
import type { Screen } from '../ui/screen.ts';

/** What every command gets: the system, the screen, the keyboard and the signals. */
export interface Shell {
  readonly system: System;
  readonly screen: Screen;
  /** Where questions are asked. Usable only on a terminal. */
  readonly keyboard: Keyboard;
  /** Emits SIGTERM, SIGINT and SIGHUP of this process. */
  readonly signals: EventEmitter;
  /** From now on a signal ends the process at once. For a command that blocks the event loop and leaves no unfinished work. */
  endOnSignal(): void;
  /** Whether the program was started on a terminal. If so, SIGHUP means that the terminal was closed. */
  readonly onTerminal: boolean;
  /** How to notify systemd; `undefined` if this process is not a service. */
  readonly service: ServiceEnvironment | undefined;
  /** The version of this package. */
  readonly version: string;
}

/** The options that all commands share. */
export interface CommonOptions {
  /** Path of the config, as typed. */
  readonly config: string;
  /** Overrides `logging.level`. */
  readonly logLevel: Level | undefined;
}

/** Exit statuses; 70 is EX_SOFTWARE of sysexits.h. For a command that a signal interrupts, see process/stop.ts. */
export const EXIT = {
  good: 0,
  failed: 1,
  usage: 2,
  later: 3,
  bug: 70,
} as const;
