import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 collect garbage early. The monitor uses 11 MB of heap; by default V8 lets it grow to 60 before collecting: 112 MB
 * resident after 100 rows instead of 80 (docs/benchmarks.md). To be called before the heap has grown.
 */
export function keepHeapSmall(): void {
  // The space for new objects stays at 1 MB, where it otherwise doubles up to 16.
  setFlagsFromString('--semi-space-growth-factor=1');
  // The space for old ones is collected whenever it has grown by about a third.
  setFlagsFromString('--heap-growing-percent=30');
}

/**
 * Takes {@link keepHeapSmall} back, for a command that works through much and ends: to read a year of rows takes a third less
 * time so, and some 70 MB more (docs/benchmarks.md).
 */
export function letHeapGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--heap-growing-percent=0');
}
