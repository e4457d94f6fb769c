import type { ServerResponse } from 'node:http';
import { DONE, failed, type Result } from '../model/result.ts';
import { beginEvents } from './page-server.ts';

/** Pages that are kept up to date at the same time. Others ask again every few seconds. */
const MOST = 32;
/** The most that waits for a slow page, in bytes. */
const MOST_WAITING = 64 * 1024;

/** The open pages, which get server-sent events. */
export class Followers {
  readonly #open = new Set<ServerResponse>();
  readonly #onNew: () => void;

  /** @param onNew is called when a page has begun to listen */
  constructor(onNew: () => void) {
    this.#onNew = onNew;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Adds a page. Fails if there are too many. */
  add(response: ServerResponse): Result {
    if (this.#open.size >= MOST) return failed(`more than ${MOST} open pages`);
    beginEvents(response);
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
    this.#onNew();
    return DONE;
  }

  /** Sends a value to all pages. One that does not read is closed: it connects again. */
  tell(value: unknown): void {
    const text = `data: ${JSON.stringify(value)}\n\n`;
    for (const response of this.#open) {
      if (response.writableLength > MOST_WAITING) response.destroy();
      else response.write(text);
    }
  }
}
