import type { Silence } from './recording.ts';

/** Real time in which an order succeeds, at the latest when all faults that keep it from that are over, in ms. */
const ORDER_LIMIT_MS = 180_000;
/** Real time between two tries, in ms: each starts Node, which takes half a second of processor time. */
const RETRY_MS = 3000;

/** A command of the program that has ended. */
export interface Ended {
  readonly status: number;
  readonly stderr: string;
}

/** What surrounds the orders of a schedule. */
export interface OrdersParts {
  /** The names of the sites, by index. */
  readonly names: readonly string[];
  /** The number of the newest test. */
  readonly test: () => number;
  /** How many of the newest tests may be under way. */
  readonly underWay: number;
  /** Runs the program with these arguments to its end. */
  readonly run: (args: readonly string[]) => Promise<Ended>;
}

/** A silence that is not over, or was. */
interface Given {
  readonly site: number;
  outer: [number, number];
  inner: [number, number];
  /** The command that began it, and then the one that ends it. */
  busy: Promise<void>;
}

/**
 * Gives orders by the real commands beside the running monitor, and notes in which tests silences held: a command takes effect
 * somewhere between its start and its end. One that a fault keeps from succeeding is tried again, as a person would.
 */
export class Orders {
  readonly #parts: OrdersParts;
  readonly #silences: Given[] = [];
  #running = 0;
  #failure: string | null = null;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  /** Silences a site that has no silence yet, for longer than a schedule takes. */
  silence(site: number): void {
    const given: Given = {
      site,
      outer: [this.#oldest(), Number.POSITIVE_INFINITY],
      inner: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      busy: Promise.resolve(),
    };
    given.busy = this.#give(['silence', '--for', '20d', ...this.#operand(site)], [0]).then(() => {
      given.inner[0] = this.#parts.test() + 1;
    });
    this.#silences.push(given);
  }

  /** Ends the silence of a site, once it has begun. */
  endSilence(site: number): void {
    const given = this.#silences.find((each) => each.site === site);
    if (given === undefined) return;
    given.busy = given.busy
      .then(() => {
        given.inner[1] = Math.min(given.inner[1], this.#oldest() - 1);
        // There may be nothing to end: it was moved away.
        return this.#give(['silence', '--end', ...this.#operand(site)], [0, 1]);
      })
      .then(() => {
        given.outer[1] = this.#parts.test() + 1;
      });
  }

  /** Acknowledges the outage of a site; one that is not down is left alone. */
  ack(site: number): void {
    void this.#give(['ack', '--note', 'on it', ...this.#operand(site)], [0, 1]);
  }

  /** From now on no silence so far is sure to hold: the folder of orders was moved away, or the clock was set back. */
  doubt(): void {
    for (const given of this.#silences) given.inner[1] = Math.min(given.inner[1], this.#oldest() - 1);
  }

  /** Whether a command runs. Throws if an order could not be given. */
  pending(): boolean {
    if (this.#failure !== null) throw new Error(this.#failure);
    return this.#running > 0;
  }

  /** The silences so far. */
  silences(): readonly Silence[] {
    return this.#silences.map(({ site, outer, inner }) => ({
      site,
      outer,
      inner: inner[0] <= inner[1] ? inner : null,
    }));
  }

  /** The oldest test that may be under way. */
  #oldest(): number {
    return this.#parts.test() - this.#parts.underWay + 1;
  }

  #operand(site: number): readonly string[] {
    return ['--', this.#parts.names[site] ?? ''];
  }

  /** Tries a command until it ends with one of these statuses. Never rejects. */
  async #give(args: readonly string[], wanted: readonly number[]): Promise<void> {
    this.#running += 1;
    const deadline = performance.now() + ORDER_LIMIT_MS;
    for (;;) {
      const { status, stderr } = await this.#parts.run(args);
      if (wanted.includes(status)) break;
      if (performance.now() > deadline) {
        this.#failure ??= `vpn-monitor ${args.join(' ')} ends with ${status}: ${stderr}`;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    this.#running -= 1;
  }
}
