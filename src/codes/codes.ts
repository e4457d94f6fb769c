import type { Log, Redact } from '../log/log.ts';
import { createRedactor } from '../log/redact.ts';
import type { Secret } from '../model/secret.ts';
import type { System } from '../system/system.ts';
import { FreshCode } from './fresh-code.ts';
import type { OneTimeCodes } from './one-time-codes.ts';
import { storeFolder, UsedSteps } from './used-steps.ts';

/** So many codes are redacted, those that were made last: older ones are worth nothing. */
const MOST_REDACTED = 20;

/** Makes one-time codes, and redacts them. */
export class Codes {
  readonly #system: System;
  readonly #used: UsedSteps;
  readonly #log: Pick<Log, 'warning'>;
  readonly #made: Secret[] = [];
  #redactMade: Redact = (text) => text;
  #warned = false;

  /** @param folder of the store of used steps */
  constructor(system: System, log: Pick<Log, 'warning'>, folder = storeFolder(system)) {
    this.#system = system;
    this.#log = log;
    this.#used = new UsedSteps(system, folder);
  }

  /** The codes that were made last. */
  get made(): readonly Secret[] {
    return this.#made;
  }

  /** Redacts the codes that were made. */
  readonly redact: Redact = (text) => this.#redactMade(text);

  /** A code for one log-in. `onWait`: called before each wait, with its length in ms. */
  fresh(codes: OneTimeCodes, onWait: (ms: number) => void): FreshCode {
    const opened = this.#used.open();
    if (!opened.ok && !this.#warned) {
      this.#warned = true;
      this.#log.warning(
        `The store of used one-time codes can't be used: ${opened.why}. Other commands of this user may type the same code.`,
      );
    }
    return new FreshCode(codes, {
      clock: this.#system,
      used: this.#used,
      onWait,
      onCode: (code) => {
        this.#made.push(code);
        this.#made.splice(0, this.#made.length - MOST_REDACTED);
        this.#redactMade = createRedactor(this.#made);
      },
    });
  }
}
