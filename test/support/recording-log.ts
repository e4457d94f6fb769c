import type { Level, Log } from '../../src/log/log.ts';

/** A log that keeps its lines as `LEVEL message`. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: Level) => (message: string) => void lines.push(`${level.toUpperCase()} ${message}`);
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warning: at('warning'),
    error: at('error'),
    critical: at('critical'),
  };
}
