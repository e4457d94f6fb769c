/** A time of a stage to the precision that people compare by: `5.21 ms`, `437 ms`, `10.5 s`. */
export function shortMs(ms: number): string {
  if (ms >= 99_950) return `${Math.round(ms / 1000)} s`;
  if (ms >= 9995) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 99.95) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 9.995 ? 1 : 2)} ms`;
}
