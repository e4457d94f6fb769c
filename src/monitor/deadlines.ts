import { type ClientProfile, isVisible, mostAnswers, mostCodes } from '../clients/profile.ts';
import { longestCodeWaitMs } from '../codes/fresh-code.ts';
import type { OneTimeCodes } from '../codes/one-time-codes.ts';
import type { Config } from '../config/config.ts';
import type { ClientTraces } from '../host/keeper.ts';
import {
  ALIVE_EVERY_MS,
  BEFORE_TYPING_MS,
  CELL_CLOSE_MS,
  CELL_OPEN_MS,
  DNS_CHECK_MS,
  DNS_OBSERVE_MS,
  END_LEFTOVERS_MS,
  END_REPORTED_MS,
  FORCED_CLEANUP_MS,
  GATEWAY_LOOKUP_MS,
  HEAD_START_MS,
  IP_COMMAND_MS,
  KILL_GRACE_MS,
  LAST_FILES_MS,
  LAST_NOTICE_MS,
  LOG_CLOSE_MS,
  LOGIN_WAIT_MS,
  NETWORK_MS,
  NOTE_WAYS_MS,
  OUTPUT_GRACE_MS,
  PING_SUMMARY_MS,
  REASON_MS,
  SHOWN_BY_MS,
  TERM_GRACE_MS,
  TUNNEL_UP_MS,
  UPLINK_MS,
} from '../model/limits.ts';
import { clientTraces } from '../probe/client-traces.ts';
import type { TestLimits } from '../probe/context.ts';

/** How long a stop may take, without the log-out, in ms. */
const BEYOND_LOGOUT_MS = 10_000;
/** Margin of the watchdog, in ms: for a busy host, and for the notification to arrive. */
const WATCHDOG_MARGIN_MS = 30_000;
/** Margin before systemd kills a monitor that is stopping, in ms. */
const STOP_MARGIN_MS = 10_000;
/** The longest time from a forced stop to the end of the process, in ms: the client is killed first. */
const FORCED_END_MS =
  KILL_GRACE_MS + FORCED_CLEANUP_MS + LAST_FILES_MS + LAST_NOTICE_MS + LOG_CLOSE_MS + OUTPUT_GRACE_MS;

/**
 * The longest a dialogue can take, in ms: each question as often as it is answered, then the success, or a failure and the
 * wait for its reason.
 */
export function dialogueDeadlineMs(
  client: ClientProfile,
  stepTimeoutSeconds: number,
  totp?: OneTimeCodes,
): number {
  const asked = client.dialogue.filter((step) => step.with !== 'totp' || totp !== undefined);
  const answers = mostAnswers({ dialogue: asked });
  // For the reason of a vague failure, or for the words of a success that the route has proven.
  const waits = isVisible(client) || client.failures.some(({ vague }) => vague);
  const reason = waits ? REASON_MS : 0;
  const step = stepTimeoutSeconds * 1000;
  const shown = client.success.shownBy === undefined ? 0 : step + SHOWN_BY_MS;
  return answers * BEFORE_TYPING_MS + (answers + 1) * step + reason + shown;
}

/** The longest a ping can take, in ms, its end included. */
export function pingDeadlineMs(timeoutSeconds: number): number {
  return timeoutSeconds * 1000 + PING_SUMMARY_MS + TERM_GRACE_MS + KILL_GRACE_MS;
}

/** The longest a log-out can take, in ms, the client's end included. */
export function logoutDeadlineMs(quitTimeoutSeconds: number): number {
  return quitTimeoutSeconds * 1000 + TERM_GRACE_MS + KILL_GRACE_MS;
}

/** The longest a clean-up can take, in ms. */
export function cleanupDeadlineMs(traces: ClientTraces | null, settleSeconds: number): number {
  if (traces === null) return 0;
  const { processes } = traces;
  const leftovers = processes.length === 0 ? 0 : END_LEFTOVERS_MS + settleSeconds * 1000;
  return leftovers + DNS_CHECK_MS + NETWORK_MS;
}

/** The longest a test can wait for one-time codes, in ms: for the first before the log-in, for each when it is typed. */
export function codesDeadlineMs(client: ClientProfile, totp: OneTimeCodes | undefined): number {
  const codes = totp === undefined ? 0 : mostCodes(client, totp.withPassword);
  return totp === undefined || codes === 0 ? 0 : (codes + 1) * longestCodeWaitMs(totp);
}

/** The limits of one test with this client and these one-time codes. A test that takes longer is cut off there. */
export function testLimits(config: Config, client: ClientProfile, totp?: OneTimeCodes): TestLimits {
  const cleanup = cleanupDeadlineMs(clientTraces(config, client, ''), config.cleanup.settleSeconds);
  const lost = REASON_MS + END_REPORTED_MS;
  const tunnel =
    (isVisible(client) ? GATEWAY_LOOKUP_MS + NETWORK_MS + TUNNEL_UP_MS + IP_COMMAND_MS + lost : 0) +
    (client.tunnel === 'route' ? NOTE_WAYS_MS : 0);
  const ping = pingDeadlineMs(config.ping.timeout);
  // A further target has the time of a ping, and its route is asked for as well.
  const further = Math.max(0, ...config.sites.map(({ inside }) => inside.length - 1));
  const pings = 2 * ping + further * (ping + 2 * IP_COMMAND_MS);
  const dialogue = dialogueDeadlineMs(client, config.login.stepTimeout, totp);
  return {
    testingMs:
      cleanup +
      pings +
      codesDeadlineMs(client, totp) +
      dialogue +
      tunnel +
      2 * DNS_OBSERVE_MS +
      END_REPORTED_MS,
    closingMs: logoutDeadlineMs(config.login.quitTimeout) + cleanup,
  };
}

/** The limits of a test in a cell: its log-in may have to wait for others. */
export function cellTestLimits(config: Config, client: ClientProfile, totp?: OneTimeCodes): TestLimits {
  const { testingMs, closingMs } = testLimits(config, client, totp);
  return { testingMs: testingMs + LOGIN_WAIT_MS, closingMs };
}

/** Whether any site may be tested in a cell. */
export function usesCells({ sites }: Config): boolean {
  return sites.some(({ isolation }) => isolation !== 'none');
}

/** The longest one test with this client and these one-time codes can take, in ms, the end of what runs when each part is cut off included. */
export function testDeadlineMs(config: Config, client: ClientProfile, totp?: OneTimeCodes): number {
  const { testingMs, closingMs } = testLimits(config, client, totp);
  const uplink = config.uplink.length === 0 ? 0 : UPLINK_MS + TERM_GRACE_MS + KILL_GRACE_MS;
  // A closing that is cut off leaves no grace between SIGTERM and SIGKILL.
  return testingMs + closingMs + TERM_GRACE_MS + KILL_GRACE_MS + KILL_GRACE_MS + uplink;
}

/**
 * The longest the monitor's loop can take from one progress event to the next, in ms: a whole test of the slowest client,
 * which is also how long it waits for another monitor on this host, and the head start of a delivery.
 */
export function longestStepMs(config: Config): number {
  const tests = config.sites.map(({ client, totp }) => testDeadlineMs(config, client, totp));
  const cell = usesCells(config) ? CELL_OPEN_MS + LOGIN_WAIT_MS + CELL_CLOSE_MS : 0;
  return Math.max(0, ...tests) + cell + HEAD_START_MS;
}

/** The longest a stop can take, in ms, up to the end of the process. */
export function stopDeadlineMs({ login }: Config): number {
  return login.quitTimeout * 1000 + BEYOND_LOGOUT_MS;
}

/** How long after its beginning a stop is forced, in ms, so that {@link stopDeadlineMs} holds. */
export function forceStopAfterMs(config: Config): number {
  return stopDeadlineMs(config) - FORCED_END_MS;
}

/** How long the monitor may be silent before systemd ends it, in ms: longer than any step of its loop. */
export function watchdogMs(config: Config): number {
  return longestStepMs(config) + ALIVE_EVERY_MS + WATCHDOG_MARGIN_MS;
}

/** How long a stop may take before systemd kills the monitor, in ms. */
export function timeoutStopMs(config: Config): number {
  return stopDeadlineMs(config) + STOP_MARGIN_MS;
}
