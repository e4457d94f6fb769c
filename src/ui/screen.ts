import { styleText } from 'node:util';
import { type BoundedOutput, writeBounded } from '../files/write-output.ts';
import { shortened } from './columns.ts';

/** The part of a writable stream that a screen needs. */
export interface Output extends BoundedOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** The styles, named by their meaning. */
export type Style = 'good' | 'bad' | 'warning' | 'dim' | 'strong';

const STYLES = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  dim: 'dim',
  strong: 'bold',
} as const satisfies Record<Style, string>;

/**
 * Standard output and standard error. Results go to stdout, diagnostics to stderr. On a terminal, live lines stay below both.
 */
export interface Screen {
  /** Whether there is a terminal for the live lines. */
  readonly live: boolean;
  /** The width of the terminal of stdout; `null` if it is no terminal. */
  readonly columns: number | null;
  /** Prints a result: one or more whole lines. */
  print(text: string): void;
  /** Prints a diagnostic: one or more whole lines. */
  diagnose(text: string): void;
  /** Shows `text` as the live lines, those of them that fit; `null` removes them. Does nothing without a terminal. */
  status(text: string | null): void;
  /**
   * Shows a text alone on the terminal of stdout, as much of it as fits, in place of the one before; `null` restores what the
   * terminal showed before the first. Does nothing if stdout is no terminal.
   */
  page(text: string | null): void;
  /** Returns `text` in a style if stdout shows colours, otherwise unchanged. */
  paint(style: Style, text: string): string;
}

/** Whether to use colours on `output`: it is a terminal, and neither NO_COLOR (no-color.org) nor TERM=dumb is set. */
export function wantsColour(output: Output, env: Readonly<Record<string, string | undefined>>): boolean {
  return output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** Terminal: other screen, no cursor, no line breaks of its own; and back. */
const BEGIN_PAGE = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const END_PAGE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** What replaces the page that a terminal shows: each line erases its row first, the last one the rows below. */
function page(text: string, rows: number): string {
  const lines = text.split('\n');
  const hidden = lines.length - rows;
  const fitting = hidden > 0 ? [...lines.slice(0, rows - 1), `… ${hidden + 1} more lines`] : lines;
  const rest = hidden < 0 ? '\r\n\x1b[J' : '';
  return `\x1b[H${fitting.map((line) => `\x1b[2K${line}`).join('\r\n')}${rest}`;
}

/**
 * What of a live text fits on a terminal. One column stays free: a full line would wrap and could not be removed. One row stays free as
 * well, as lines that have scrolled away could not be removed either. A new terminal may report 0 columns and rows.
 */
function liveLines(text: string, { columns, rows }: Output): string {
  const lines = text.split('\n');
  const most = Math.max(1, (rows || 24) - 1);
  const fitting =
    lines.length <= most ? lines : [...lines.slice(0, most - 1), `… ${lines.length - most + 1} more`];
  return fitting.map((line) => shortened(line, (columns || 80) - 1)).join('\n');
}

/** Creates a screen over two streams. The caller must handle their errors (EPIPE, EIO). */
export function createScreen(
  stdout: Output,
  stderr: Output,
  env: Readonly<Record<string, string | undefined>>,
): Screen {
  const live = stderr.isTTY === true && env['TERM'] !== 'dumb';
  const colours = wantsColour(stdout, env);
  let shown = '';
  let paged = false;
  const clear = () => {
    if (shown === '') return;
    const above = shown.split('\n').length - 1;
    writeBounded(stderr, `\r\x1b[2K${'\x1b[1A\x1b[2K'.repeat(above)}`);
  };
  const above = (output: Output, text: string) => {
    clear();
    writeBounded(output, `${text}\n`);
    if (shown !== '') writeBounded(stderr, shown);
  };
  return {
    live,
    get columns() {
      // A new terminal may report 0 columns.
      return stdout.isTTY === true ? stdout.columns || 80 : null;
    },
    print: (text) => above(stdout, text),
    diagnose: (text) => above(stderr, text),
    status: (text) => {
      if (!live) return;
      const fitting = text === null ? '' : liveLines(text, stderr);
      if (fitting === shown) return;
      clear();
      shown = fitting;
      writeBounded(stderr, shown);
    },
    page: (text) => {
      if (stdout.isTTY !== true || (text === null && !paged)) return;
      const begin = paged ? '' : BEGIN_PAGE;
      paged = text !== null;
      writeBounded(stdout, text === null ? END_PAGE : `${begin}${page(text, stdout.rows || 24)}`);
    },
    paint: (style, text) => (colours ? styleText(STYLES[style], text, { validateStream: false }) : text),
  };
}
