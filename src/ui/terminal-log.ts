import type { Level } from '../log/log.ts';
import type { Logger } from '../log/logger.ts';
import type { Screen, Style } from './screen.ts';

const SHOWN: readonly (readonly [Level, Style])[] = [
  ['warning', 'warning'],
  ['error', 'bad'],
  ['critical', 'bad'],
];

/** A log whose warnings and worse are also seen above the live line, each by its first line. */
export function withTerminal(log: Logger, screen: Screen): Logger {
  const shown = SHOWN.map(([level, style]) => [
    level,
    (message: string) => {
      log[level](message);
      screen.diagnose(screen.paint(style, `${level}: ${message.split('\n', 1)[0]}`));
    },
  ]);
  return { ...log, ...(Object.fromEntries(shown) as Pick<Logger, 'warning' | 'error' | 'critical'>) };
}
