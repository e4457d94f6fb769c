import type { ControlFolder } from '../control/control-folder.ts';
import { type GivenOrder, isOver } from '../control/order.ts';
import { orderInWords } from '../control/order-words.ts';
import type { Log } from '../log/log.ts';
import type { System } from '../system/system.ts';

/** The folder where people leave orders. */
export type Control = Pick<ControlFolder, 'read' | 'remove'>;

/** The orders of people that are in force, as they are in their folder whenever they are read. */
export class OrdersInForce {
  readonly #parts: { readonly control: Control; readonly log: Log; readonly system: System };
  #known: ReadonlySet<string> = new Set();
  #problems: ReadonlySet<string> = new Set();

  constructor(parts: { readonly control: Control; readonly log: Log; readonly system: System }) {
    this.#parts = parts;
  }

  /** Reads them. Removes what is over; logs what is new, and each problem once. */
  read(): readonly GivenOrder[] {
    const { control, log, system } = this.#parts;
    const { orders, problems } = control.read();
    for (const problem of problems) {
      if (!this.#problems.has(problem)) log.warning(problem);
    }
    this.#problems = new Set(problems);
    const now = system.now().getTime();
    const [over, valid] = [
      orders.filter((order) => isOver(order, now)),
      orders.filter((order) => !isOver(order, now)),
    ];
    for (const { id } of over) control.remove(id);
    for (const order of valid) {
      if (!this.#known.has(order.id)) log.info(orderInWords(order));
    }
    this.#known = new Set(valid.map(({ id }) => id));
    return valid;
  }

  /**
   * Removes the acknowledgements of a site that is back: each is about one outage and goes with it. Also one from after the test, by the
   * clock: it was given meanwhile, or the clock was set back.
   */
  removeAcks(orders: readonly GivenOrder[], site: string): void {
    for (const order of orders) {
      if (order.kind === 'ack' && order.site === site) this.#parts.control.remove(order.id);
    }
  }
}
