/** What an open page is told, as JSON. */
export interface LiveEvent {
  /** That of the newest snapshot: a page that shows another one loads it. */
  readonly number: number;
  /** What the monitor is doing, in words. */
  readonly doing: string;
  /** By the places of their sites, the steps of the tests. */
  readonly steps: Readonly<Record<string, string>>;
}
