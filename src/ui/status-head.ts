import type { SiteStatus } from '../history/site-status.ts';
import type { Held } from '../lock/lock.ts';
import { durationInWords } from '../words/time.ts';
import type { Screen } from './screen.ts';
import { dayAndTime } from './status-words.ts';

/** What {@link statusHead} says besides how many sites are up. */
export interface StatusHeadOptions {
  /** The current time, in ms since the epoch. */
  readonly now: number;
  readonly screen: Screen;
  /** The monitor that runs on the results folder; `null` if none does. */
  readonly monitor: Held | null;
  /** When a monitor last wrote there, in ms since the epoch; `null`: never. */
  readonly lastSign: number | null;
}

/** `monitor running (pid 4711) · 10 up, 2 DOWN · next cycle in 3 min`, or `monitor NOT RUNNING since ...`. */
export function statusHead(sites: readonly SiteStatus[], options: StatusHeadOptions): string {
  const { now, screen, monitor, lastSign } = options;
  const sums = stateCounts(sites, screen);
  if (monitor === null) {
    const since =
      lastSign === null ? '' : ` since ${dayAndTime(lastSign)}, ${durationInWords(now - lastSign)}`;
    const stopped = screen.paint('bad', `monitor NOT RUNNING${since}`);
    return [stopped, ...(sums === '' ? [] : [`last known: ${sums}`])].join(' · ');
  }
  const { holder } = monitor;
  const running = `monitor running${holder === null ? '' : ` (pid ${holder.pid})`}`;
  return [running, sums, ...doing(monitor, now)].filter((part) => part !== '').join(' · ');
}

/** `10 up, 2 DOWN, 1 unknown`: states that no site has are left out. */
export function stateCounts(sites: readonly SiteStatus[], screen: Pick<Screen, 'paint'>): string {
  const count = (state: SiteStatus['now']) => sites.filter((site) => site.now === state).length;
  const [up, down, unknown] = [count('up'), count('down'), count('unknown')];
  return [
    ...(up > 0 ? [`${up} up`] : []),
    ...(down > 0 ? [screen.paint('bad', `${down} DOWN`)] : []),
    ...(unknown > 0 ? [screen.paint('warning', `${unknown} unknown`)] : []),
  ].join(', ');
}

function doing({ holder }: Held, now: number): readonly string[] {
  if (holder?.doing !== undefined) return [holder.doing];
  const next = Date.parse(holder?.next ?? '');
  if (Number.isNaN(next)) return [];
  return [next <= now ? 'next cycle now' : `next cycle in ${durationInWords(next - now)}`];
}

const RANKS = { down: 0, unknown: 1, up: 2 } as const satisfies Record<SiteStatus['now'], number>;

/** Orders the sites for people: those that are down first, then unknown ones; otherwise as given. */
export function worstFirst(sites: readonly SiteStatus[]): readonly SiteStatus[] {
  return sites.toSorted((a, b) => RANKS[a.now] - RANKS[b.now]);
}
