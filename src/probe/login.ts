import type { SiteConfig } from '../config/config.ts';
import { Terminal } from '../console/expect.ts';
import { withPatterns } from '../console/search-in-time.ts';
import type { Log } from '../log/log.ts';
import { END_REPORTED_MS } from '../model/limits.ts';
import type { Cause, SessionWarning, StageResult } from '../model/test-result.ts';
import type { Place } from '../system/place.ts';
import { isRunning } from '../system/process-identity.ts';
import { printable } from '../words/printable.ts';
import type { LoginContext, WatchTunnel } from './context.ts';
import { playDialogue } from './dialogue.ts';
import { endInWords, endSaid, isReturn, quote } from './last-words.ts';
import { logOut } from './logout.ts';
import { argumentsFor } from './template.ts';

/** How much of the transcript a mail quotes, in characters. */
const TRANSCRIPT = 2000;

/** A client that was started, logged in or not. It must be closed in every case. */
export interface Session {
  readonly result: StageResult;
  /** Warnings of the gateway during the log-in. */
  readonly warnings: readonly SessionWarning[];
  /** The end of the client's output, redacted and printable. */
  transcript(): string;
  /**
   * Describes how a logged-in client ended by itself or reported the end of its session; `undefined`: it did neither. Takes
   * {@link END_REPORTED_MS} and `graceMs` at most, and rejects with the signal's reason.
   *
   * @param answered whether the inside has answered: a client that the config describes may then have returned with status 0 and
   * left the session to a service, also if it does not say so (`returns`)
   * @param graceMs how long a client that still runs may take to end, in milliseconds
   */
  endedEarly(answered: boolean, signal: AbortSignal, graceMs?: number): Promise<string | undefined>;
  /**
   * Logs out if it is logged in, ends the client, and returns whether all its processes have ended. Never rejects. An
   * aborted `force` skips all grace periods.
   */
  close(force: AbortSignal): Promise<boolean>;
}

/** A log-in that is not tried: there is no client to end. */
export function noLogin(cause: Cause, detail: string): Session {
  return {
    result: { outcome: 'error', cause, detail },
    warnings: [],
    transcript: () => '',
    endedEarly: async () => undefined,
    close: async () => true,
  };
}

/**
 * Starts the client and plays its profile's dialogue ({@link playDialogue}). On an abort, types nothing more, ends the client
 * and rejects with the signal's reason.
 *
 * @param watchTunnel for a client whose tunnel can be seen
 */
export async function logIn(
  site: SiteConfig,
  context: LoginContext,
  signal: AbortSignal,
  watchTunnel?: WatchTunnel,
): Promise<Session> {
  const { place, resultLog } = context;
  const { client: profile } = site;
  const wanted = profile.command;
  const command = place.findCommand(wanted);
  if (command === undefined) {
    const detail = wanted.includes('/')
      ? `the client ${wanted} is not there or may not be run`
      : `the client ${wanted} is not in PATH: name it in clients.${profile.name}.command`;
    return notStarted('client-missing', detail, resultLog);
  }
  const args = argumentsFor(profile, site, place);
  const inherited = profile.described ? place.env : untranslated(place.env);
  const env = { ...inherited, ...markAsEnvironment(context.mark) };
  const [file, ...rest] = profile.returns === true ? outliving(command, place) : [command];
  const started = Terminal.start(place, file, [...rest, ...args], env, context.observe);
  if (!started.ok) {
    const detail = `the client ${command} could not be started: ${printable(context.redact(started.why))}`;
    return notStarted('client-not-started', detail, resultLog);
  }
  const client = started.value;
  const transcript = () => printable(quote(client, TRANSCRIPT, context.redact));
  try {
    const { result, warnings } = await playDialogue(client, site, context, signal, watchTunnel);
    for (const { words } of warnings) context.log.warning(`${site.name}: ${words}`);
    return {
      result,
      warnings,
      transcript,
      endedEarly: async (answered, signal, graceMs = 0) => {
        if (result.outcome !== 'ok') return undefined;
        if (graceMs > 0) await client.ended(graceMs, signal);
        if (isGone(place, client.pid)) await client.ended(END_REPORTED_MS, signal);
        const { exit } = client;
        const mayReturn = profile.returns === true || (profile.described && answered);
        const hasReturned = mayReturn && exit !== undefined && isReturn(exit);
        const ends = profile.ends ?? [];
        const told = withPatterns(
          profile.described,
          () =>
            (hasReturned ? undefined : endInWords(client, context.redact, ends)) ??
            endSaid(client, profile, context.redact),
          place,
        );
        if (!told.ok) context.log.warning(`${site.name}: clients.${profile.name}.ends: ${told.why}`);
        return told.ok ? told.value : undefined;
      },
      close: (force) => logOut(client, site, { ...context, force }, result.outcome === 'ok'),
    };
  } catch (error) {
    await logOut(client, site, context, false);
    throw error;
  }
}

/** A command line under which what the command leaves behind survives the end of its terminal. */
function outliving(command: string, { findCommand }: Place): readonly [string, ...string[]] {
  const env = findCommand('env');
  return env === undefined ? [command] : [env, '--ignore-signal=HUP', command];
}

function isGone(place: Place, pid: number): boolean {
  const stat = place.readStat(pid);
  return stat === undefined || !isRunning(stat);
}

function notStarted(cause: Cause, detail: string, resultLog: Log): Session {
  resultLog.critical(`Something went bad when connecting: ${detail}`);
  return noLogin(cause, detail);
}

/** The texts of a built-in profile are English. The encoding stays: names and passwords may need it. */
function untranslated({ LC_ALL, LANGUAGE: _, ...env }: Place['env']): Place['env'] {
  return { ...env, ...(LC_ALL ? { LC_CTYPE: LC_ALL } : {}), LC_MESSAGES: 'C' };
}

function markAsEnvironment(mark: string): Record<string, string> {
  const [name = ''] = mark.split('=', 1);
  return { [name]: mark.slice(name.length + 1) };
}
