import type { EventEmitter } from 'node:events';
import type { Level } from '../log/log.ts';
import type { ServiceEnvironment } from '../service/environment.ts';
import type { System } from '../system/system.ts';
import type { Keyboard } from '../ui/questions.ts';
import type { Screen } from '../ui/screen.ts';

/** What every command gets: the machine, the screen, where signals come from. */
export interface Shell {
  readonly system: System;
  readonly screen: Screen;
  /** For questions; only on a terminal. */
  readonly keyboard: Keyboard;
  /** The process: emits SIGTERM, SIGINT, SIGHUP. */
  readonly signals: EventEmitter;
  /** For a command that leaves nothing half done, and can't listen while it works: from now on a signal ends it. */
  endOnSignal(): void;
  /** Whether the program was started on a terminal: a hangup then means that it was closed. */
  readonly onTerminal: boolean;
  /** Where systemd wants to hear of this service; `undefined`: it is none. */
  readonly service: ServiceEnvironment | undefined;
  /** Of this package. */
  readonly version: string;
}

/** The options that every command takes. */
export interface CommonOptions {
  /** Path of the config, as typed. */
  readonly config: string;
  /** Overrides `logging.level`. */
  readonly logLevel: Level | undefined;
}

/** Exit statuses (sysexits.h has 70); for what a signal cuts short see stop.ts. */
export const EXIT = {
  good: 0,
  failed: 1,
  usage: 2,
  later: 3,
  bug: 70,
} as const;
