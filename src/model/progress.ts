import type { SiteResult, StageNumber } from './test-result.ts';

/** What the monitor is doing right now, for whoever watches. Every call returns at once and never throws. */
export interface Progress {
  /** The host is looked at and cleaned before or after the test of `site`. */
  cleaning(site: string): void;
  /** A stage of the test of `site` begins. */
  stage(site: string, stage: StageNumber): void;
  /** The client of `site` is logging out. */
  loggingOut(site: string): void;
  /** The test of `site` waits until another monitor on this host has finished its own. */
  waitingForHost(site: string, holder: string): void;
  /** A test is finished and its row handed over. */
  finished(result: SiteResult): void;
  /** The cycle is over; the next begins `seconds` from now. */
  idle(seconds: number): void;
  /** Nothing more will come; the screen is left tidy. */
  end(): void;
}

/** All of them are told, in this order. */
export function tellAll(...all: readonly Progress[]): Progress {
  const tell = (what: (progress: Progress) => void) => {
    for (const progress of all) what(progress);
  };
  return {
    cleaning: (site) => tell((progress) => progress.cleaning(site)),
    stage: (site, stage) => tell((progress) => progress.stage(site, stage)),
    loggingOut: (site) => tell((progress) => progress.loggingOut(site)),
    waitingForHost: (site, holder) => tell((progress) => progress.waitingForHost(site, holder)),
    finished: (result) => tell((progress) => progress.finished(result)),
    idle: (seconds) => tell((progress) => progress.idle(seconds)),
    end: () => tell((progress) => progress.end()),
  };
}
