import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 collect garbage early. Call it before the heap has grown. The monitor uses 11 MB of heap; by default V8 lets it grow to
 * 60 MB before it collects. That is 112 MB of resident memory after 100 rows instead of 80 MB (docs/benchmarks.md).
 */
export function keepHeapSmall(): void {
  // Keeps the space for new objects at 1 MB; by default it doubles up to 16 MB.
  setFlagsFromString('--semi-space-growth-factor=1');
  // Collects old objects whenever their space has grown by about a third.
  setFlagsFromString('--heap-growing-percent=30');
}

/**
 * Reverts {@link keepHeapSmall}, for a command that reads much data and ends. Reading a year of rows then takes a third less time and
 * about 70 MB more (docs/benchmarks.md).
 */
export function letHeapGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--heap-growing-percent=0');
}
