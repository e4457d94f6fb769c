import type { Screen } from '../ui/screen.ts';

/** One result of `check`. */
export interface Finding {
  readonly verdict: 'ok' | 'warning' | 'missing';
  readonly words: string;
  /** How to fix it. */
  readonly remedy?: string;
  /** The site that it is about; not set: this host, or several sites. */
  readonly site?: string;
}

/** A finding without a problem. */
export function ok(words: string): Finding {
  return { verdict: 'ok', words };
}

/** A problem with which the monitor can run. */
export function warning(words: string, remedy?: string): Finding {
  return { verdict: 'warning', words, ...(remedy === undefined ? {} : { remedy }) };
}

/** A problem that prevents the monitor from running. */
export function missing(words: string, remedy: string): Finding {
  return { verdict: 'missing', words, remedy };
}

/** A finding as lines for the user. */
export function inWords({ verdict, words, remedy }: Finding, screen: Screen): string {
  const style = { ok: 'good', warning: 'warning', missing: 'bad' } as const;
  const line = `${screen.paint(style[verdict], verdict.padEnd(7))}  ${words}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(9)}${remedy}`;
}
