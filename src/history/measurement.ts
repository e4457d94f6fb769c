import type { TestEvent } from '../results/test-event.ts';

/** The value of a stage in the CSV: milliseconds, or why there is no number. */
export type StageValue = number | 'TIMEOUT' | 'ERROR';

/** One row that was read from a CSV file. */
export interface Measurement {
  /** Start of the test, in ms since the epoch, whole seconds. */
  readonly time: number;
  readonly site: string;
  /** Whether its summary is FAILURE or a stage has no number. */
  readonly failed: boolean;
  /** Ping outside, log in, ping inside. */
  readonly stages: readonly [StageValue, StageValue, StageValue];
  /** What the event file has about the test; `undefined`: nothing. */
  readonly events?: readonly TestEvent[];
}

/** Returns the stages without a number as bits: 1 ping outside, 2 log in, 4 ping inside. */
export function failedStages({ stages }: Measurement): number {
  return stages.reduce<number>(
    (bits, value, index) => bits | (typeof value === 'number' ? 0 : 1 << index),
    0,
  );
}

/** Returns the recorded packet loss of a stage, 1 to 3, in percent; `undefined`: none was lost, or a version that recorded none wrote the row. */
export function lossPercentOf({ events = [] }: Measurement, stage: number): number | undefined {
  for (const event of events) if (event.kind === 'loss' && event.stage === stage) return event.loss_percent;
  return undefined;
}

/**
 * Returns the recorded failure of a test; `undefined` for a success and for a test of a version that recorded none. Of two, the last: the end
 * of the cycle has shown that it was the fault of this host.
 */
export function failureOf({ events = [] }: Measurement) {
  return events.findLast((event) => event.kind === 'failure');
}

/** Returns the maintenance window in which a test was made; `undefined`: none. */
export function maintenanceOf({ events = [] }: Measurement) {
  return events.find((event) => event.kind === 'maintenance');
}

/** Whether a row says nothing about its site: this host had no way to any gateway. */
export function isUnmeasured(row: Measurement): boolean {
  return row.failed && failureOf(row)?.cause === 'no-uplink';
}

/** Returns the rows of each site, in their order. */
export function bySite(rows: readonly Measurement[]): ReadonlyMap<string, readonly Measurement[]> {
  const sites = new Map<string, Measurement[]>();
  for (const row of rows) {
    const ofSite = sites.get(row.site);
    if (ofSite === undefined) sites.set(row.site, [row]);
    else ofSite.push(row);
  }
  return sites;
}
