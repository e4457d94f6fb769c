import type { CertificateSeen } from './certificate.ts';

/** Why a stage or a test failed: a closed list, for scripts (`once --json`) and for the texts. */
export type Cause =
  | 'name-not-resolved'
  | 'unreachable'
  | 'inside-unreachable'
  /** Something inside refuses, or gives another answer than the right one. */
  | 'inside-wrong'
  | 'credentials-rejected'
  | 'password-expired'
  | 'account-locked'
  /** The gateway asks for a second factor that the site does not have, or rejects it. */
  | 'second-factor'
  | 'session-limit'
  | 'no-such-group'
  | 'refused'
  | 'tls'
  /** The client asks something else than it should. */
  | 'prompt-not-seen'
  /** The log-in does not go on. */
  | 'step-timed-out'
  | 'client-exited'
  | 'client-missing'
  | 'client-not-started'
  /** Another instance of the client runs on this host, and the monitor may not end it. */
  | 'client-busy'
  /** The program that asks what is inside can't be run on this host. */
  | 'inside-not-asked'
  | 'ping-missing'
  | 'ping-not-permitted'
  | 'ping-not-started'
  /** This host has no address, memory or file for it. */
  | 'ping-not-sent'
  | 'ping-failed'
  /** More of a ping's requests got no reply than the config allows. */
  | 'packet-loss'
  | 'tunnel-no-traffic'
  | 'not-tried'
  | 'host-not-clean'
  /** This host has no way to any gateway. */
  | 'no-uplink'
  | 'ps-missing'
  | 'deadline';

/** What a stage came to. */
export type StageResult =
  /**
   * `ms`: average round-trip time (stages 1 and 3) or time to log in (stage 2), in milliseconds. `loss`: the share of a
   * ping's requests that got no reply, from 0 to 1; a log-in and a ping without a summary have none.
   */
  | { readonly outcome: 'ok'; readonly ms: number; readonly loss?: number; readonly detail: string }
  /** No reply at all to a ping. */
  | {
      readonly outcome: 'timeout';
      readonly cause: Cause;
      readonly detail: string;
      /** The kernel of this host had no route for the ping. */
      readonly noRoute?: true;
    }
  /** Anything else: `detail` says what, in words, redacted. */
  | {
      readonly outcome: 'error';
      readonly cause: Cause;
      readonly loss?: number;
      readonly detail: string;
      /** The gateway has checked a second factor and rejected it. */
      readonly rejected?: true;
      /** The kernel of this host had no route for the ping. */
      readonly noRoute?: true;
    };

/** What a gateway warned of during a log-in that continued. `words`: what it said, redacted and printable. */
export type SessionWarning =
  /** `inMs`: the time from the message to the expiry. */
  | { readonly kind: 'password-expires'; readonly inMs: number; readonly words: string }
  /** `left`: the log-ins that remain before the password must be changed. */
  | { readonly kind: 'grace-logins'; readonly left: number; readonly words: string }
  | { readonly kind: 'new-version'; readonly words: string };

/** The three stages: ping outside, log in, ping inside. */
export type StageNumber = 1 | 2 | 3;

/** The names of the three stages, in their order. Also used in the report's page (report/assets.ts). */
export const STAGE_NAMES = ['ping outside', 'log in', 'ping inside'] as const;

/**
 * What keeps this host from testing or from keeping its records; no fault of any gateway. `ping` is about the tool, and
 * `ping SITE` about pings to the addresses of one site, which a firewall or an address of this host can prevent. `uplink` is
 * about its connection to the network.
 */
export type HostFaultKind =
  | 'ping'
  | `ping ${string}`
  | 'ps'
  | 'cleaning'
  | 'cell'
  | 'records'
  | 'uplink'
  | `client ${string}`;

/**
 * What a test found out about the host itself: for each thing it looked at, the fault in words (redacted), or
 * `null` where it was well. What it did not look at is absent.
 */
export type HostReport = ReadonlyMap<HostFaultKind, string | null>;

/** What a target inside came to in a test. */
export interface TargetResult {
  /** As the config has it: `tcp://10.0.0.1:443`. */
  readonly target: string;
  readonly result: StageResult;
}

/** A stage that worked and took longer than `slow_ms` allows. */
export interface SlowStage {
  readonly stage: StageNumber;
  readonly ms: number;
  readonly limitMs: number;
}

/** One finished test of one site. A test that was cut short is none. */
export interface SiteResult {
  readonly site: string;
  /** Start of the test, wall clock. */
  readonly time: Date;
  readonly stages: readonly [StageResult, StageResult, StageResult];
  /** What stage 3 asked, if the site has `inside`; `undefined`: nothing, or it was not reached. */
  readonly inside?: readonly TargetResult[];
  /** The stages that were slow; `undefined`: none. Never of a failure. */
  readonly slow?: readonly SlowStage[];
  readonly host: HostReport;
  /** What the clean-up after the test found on this host, and what it did about it: the lines of the log. */
  readonly left: readonly string[];
  /** The end of the client's transcript, redacted and printable; empty if there was none. */
  readonly transcript: string;
  /** What the gateway warned of during the log-in; `undefined`: nothing. */
  readonly warnings?: readonly SessionWarning[];
  /** The certificates that the log-in needs; `undefined`: they were not looked at beside this test. */
  readonly certificates?: readonly CertificateSeen[];
}

/** Whether a log-in that failed in this way is one more failed attempt at the account, which the gateway may lock. */
export function countsAgainstAccount(login: StageResult): boolean {
  if (login.outcome !== 'error') return false;
  const { cause, rejected } = login;
  return (
    cause === 'credentials-rejected' ||
    cause === 'account-locked' ||
    (cause === 'second-factor' && rejected === true)
  );
}

/** SUCCESS if and only if the three stages have a number. */
export function succeeded(result: Pick<SiteResult, 'stages'>): boolean {
  return result.stages.every((stage) => stage.outcome === 'ok');
}

/** Whether the number of stage 3 is that of a ping outside the tunnel, since there was no log-in. */
export function insideIsOutside({ stages: [, login, inside] }: SiteResult): boolean {
  return login.outcome !== 'ok' && inside.outcome === 'ok';
}

/** The share of a ping's requests that got no reply, from 0 to 1; `undefined` if it is not known, and for a log-in. */
export function lossOf(stage: StageResult): number | undefined {
  return stage.outcome === 'timeout' ? 1 : stage.loss;
}

/** A share of a ping's requests (0 to 1) in percent, with one decimal. */
export function lossPercent(loss: number): number {
  return Number((100 * loss).toFixed(1));
}

/** What a stage shows in the CSV, in the log and in tables: milliseconds with three decimals, `TIMEOUT` or `ERROR`. */
export function stageValue(stage: StageResult): string {
  return stage.outcome === 'ok' ? stage.ms.toFixed(3) : stage.outcome.toUpperCase();
}

/** The {@link stageValue} of each of the three stages. */
export function stageValues(result: SiteResult): readonly string[] {
  return result.stages.map(stageValue);
}

/** A stage that has no number. */
export type FailedStage = Exclude<StageResult, { readonly outcome: 'ok' }>;

/** The failure that says most about a test: that of the log-in, else the first. `undefined` for a success. */
export function decisiveFailure({ stages: [outside, login, inside] }: SiteResult): FailedStage | undefined {
  return [login, outside, inside].find((stage) => stage.outcome !== 'ok');
}
