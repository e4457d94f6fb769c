import type { Level } from '../log/log.ts';
import type { Logger } from '../log/logger.ts';
import { printable } from '../words/printable.ts';
import { wrapped } from './columns.ts';
import type { Screen, Style } from './screen.ts';

const SHOWN: readonly (readonly [Level, Style])[] = [
  ['info', 'dim'],
  ['warning', 'warning'],
  ['error', 'bad'],
  ['critical', 'bad'],
];

/** Returns a log that also shows its messages, except debug ones, above the live line: the first line of each, printable. */
export function withTerminal(log: Logger, screen: Screen): Logger {
  const shown = SHOWN.map(([level, style]) => [
    level,
    (message: string) => {
      log[level](message);
      const [first = ''] = printable(message).split('\n', 1);
      const lines = wrapped(level === 'info' ? first : `${level}: ${first}`, screen.columns);
      screen.diagnose(screen.paint(style, lines.join('\n')));
    },
  ]);
  return {
    ...log,
    // Object.fromEntries does not keep the types of the keys.
    ...(Object.fromEntries(shown) as Pick<Logger, 'info' | 'warning' | 'error' | 'critical'>),
  };
}
