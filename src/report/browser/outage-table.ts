import type { Clock } from '../clock.ts';
import { OUTAGE_HEADS, outageCells } from '../outage-words.ts';
import type { Site } from './unpack.ts';

/** What {@link completeOutages} needs besides the outages. */
export interface OutageTableOptions {
  readonly clock: Clock;
  /** Failures in a row that make an outage. */
  readonly after: number;
}

/** Adds the outages that are only in the data to the table when it is opened for the first time. */
export function completeOutages(
  section: Element,
  site: () => Site,
  { clock, after }: OutageTableOptions,
): void {
  const details = section.querySelector('details.earlier');
  const body = details?.querySelector('tbody');
  const note = details?.querySelector('.more');
  if (!details || !body || !note) return;
  details.addEventListener(
    'toggle',
    () => {
      const shown = section.querySelectorAll('.reached tbody tr').length;
      const rows = site()
        .outages.filter(({ tests }) => tests >= after)
        .toReversed()
        .slice(shown)
        .map((outage) => row(outageCells(outage, clock)));
      body.append(...rows);
      note.remove();
    },
    { once: true },
  );
}

function row(cells: readonly string[]): HTMLTableRowElement {
  const element = document.createElement('tr');
  for (const [index, text] of cells.entries()) {
    const cell = element.insertCell();
    cell.textContent = text;
    cell.dataset['head'] = OUTAGE_HEADS[index] ?? '';
  }
  return element;
}
