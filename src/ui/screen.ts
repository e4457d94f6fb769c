import { stripVTControlCharacters, styleText } from 'node:util';
import { type BoundedOutput, writeBounded } from '../files/write-output.ts';
import { columnsOf, widthOf } from './columns.ts';

/** The part of a writable stream that a screen needs. */
export interface Output extends BoundedOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The styles in use: words for what they mean, not for how they look. */
export type Style = 'good' | 'bad' | 'warning' | 'dim' | 'strong';

const STYLES = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  dim: 'dim',
  strong: 'bold',
} as const satisfies Record<Style, string>;

/**
 * Standard output and standard error as one picture: results go to stdout, diagnostics to stderr, and on a terminal
 * the last line of stderr is a live one that always stays below both.
 */
export interface Screen {
  /** Whether there is a terminal for the live line. */
  readonly live: boolean;
  /** How wide the terminal of stdout is; `null` where there is none. */
  readonly columns: number | null;
  /** A result, one or more whole lines. */
  print(text: string): void;
  /** A diagnostic, one or more whole lines. */
  diagnose(text: string): void;
  /** Shows `text` as the live line, `null` takes it away. Nothing where there is no terminal. */
  status(text: string | null): void;
  /** `text` in a style where stdout shows colours, else as it is. */
  paint(style: Style, text: string): string;
}

/** Whether colours belong on `output`: a terminal, and neither NO_COLOR (no-color.org) nor TERM=dumb. */
export function wantsColour(output: Output, env: Readonly<Record<string, string | undefined>>): boolean {
  return output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** A screen over two streams. A stream that can't be written to any more (EPIPE, EIO) is the caller's to silence. */
export function createScreen(
  stdout: Output,
  stderr: Output,
  env: Readonly<Record<string, string | undefined>>,
): Screen {
  const live = stderr.isTTY === true && env['TERM'] !== 'dumb';
  const colours = wantsColour(stdout, env);
  let shown = '';
  const clear = () => {
    if (shown !== '') writeBounded(stderr, '\r\x1b[2K');
  };
  const above = (output: Output, text: string) => {
    clear();
    writeBounded(output, `${text}\n`);
    if (shown !== '') writeBounded(stderr, shown);
  };
  return {
    live,
    get columns() {
      // A new terminal may still say 0.
      return stdout.isTTY === true ? stdout.columns || 80 : null;
    },
    print: (text) => above(stdout, text),
    diagnose: (text) => above(stderr, text),
    status: (text) => {
      if (!live) return;
      // One column is left free: a full line would wrap and could not be taken back. A new terminal may still say 0.
      const fitting = text === null ? '' : shorten(text, (stderr.columns || 80) - 1);
      if (fitting === shown) return;
      clear();
      shown = fitting;
      writeBounded(stderr, shown);
    },
    paint: (style, text) => (colours ? styleText(STYLES[style], text, { validateStream: false }) : text),
  };
}

function shorten(text: string, width: number): string {
  const chars = [...stripVTControlCharacters(text)];
  if (widthOf(text) <= width) return chars.join('');
  let left = width - 1;
  const end = chars.findIndex((char) => {
    left -= columnsOf(char);
    return left < 0;
  });
  return `${chars.slice(0, end).join('')}…`;
}
