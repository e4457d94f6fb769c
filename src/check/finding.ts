import type { Screen } from '../ui/screen.ts';

/** One thing that `check` looked at. */
export interface Finding {
  readonly verdict: 'ok' | 'warning' | 'missing';
  readonly words: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** What is as it should be. */
export function ok(words: string): Finding {
  return { verdict: 'ok', words };
}

/** What the monitor can do without. */
export function warning(words: string, remedy?: string): Finding {
  return { verdict: 'warning', words, ...(remedy === undefined ? {} : { remedy }) };
}

/** What the monitor can't do without. */
export function missing(words: string, remedy: string): Finding {
  return { verdict: 'missing', words, remedy };
}

/** A finding as lines for the user. */
export function inWords({ verdict, words, remedy }: Finding, screen: Screen): string {
  const style = { ok: 'good', warning: 'warning', missing: 'bad' } as const;
  const line = `${screen.paint(style[verdict], verdict.padEnd(7))}  ${words}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(9)}${remedy}`;
}
