import type { ClientProfile, Step } from '../clients/profile.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import { Console } from '../console/expect.ts';
import type { Pattern } from '../console/search.ts';
import { KILL_GRACE_MS, TERM_GRACE_MS, terminate } from '../console/terminate.ts';
import type { Log, Redact } from '../log/log.ts';
import { printable, redactedTail } from '../log/redact.ts';
import type { System } from '../system.ts';
import { exitInWords, judgeFailure, lastWords, unanswerable, unexecuted } from './login-failure.ts';
import type { Cause, StageResult } from './result.ts';

/**
 * Between a prompt and our typing, in ms: a client may print the prompt before it turns the echo off, or throws away what
 * was typed until then. Four times what was needed on a loaded machine (docs/benchmarks.md).
 */
const BEFORE_TYPING_MS = 20;
/** What the log quotes of the client's output, in characters, as the script did. */
const QUOTE = 100;
/** What a mail quotes, in characters. */
const TRANSCRIPT = 2000;

/** What a log-in needs of its surroundings. */
export interface LoginContext {
  readonly system: System;
  readonly log: Log;
  readonly redact: Redact;
  readonly config: Pick<Config, 'login'>;
  /** Aborted when the monitor must end at once: graces are then skipped. */
  readonly hurry: AbortSignal;
  /** The entry (`NAME=value`) that every client gets into its environment, and whatever it starts. */
  readonly mark: string;
}

/** A client that was started, logged in or not. It must be closed, whatever happens. */
export interface Session {
  readonly result: StageResult;
  /** The end of what the client printed, redacted and printable. */
  transcript(): string;
  /** How the client ended by itself although it was logged in, in words; `undefined`: it did not. */
  lost(): string | undefined;
  /**
   * Logs out if it is logged in, ends the client, and returns whether nothing of it is left running. Never rejects;
   * an aborted `hurry` skips all graces.
   */
  close(hurry: AbortSignal): Promise<boolean>;
}

/** A log-in that is not tried: there is nothing to end. */
export function noLogin(cause: Cause, detail: string): Session {
  return {
    result: { outcome: 'error', cause, detail },
    transcript: () => '',
    lost: () => undefined,
    close: async () => true,
  };
}

/** How long {@link logIn} takes at most, in ms. */
export function loginDeadlineMs(profile: ClientProfile, stepTimeoutSeconds: number): number {
  return (
    profile.dialogue.length * BEFORE_TYPING_MS + (profile.dialogue.length + 1) * stepTimeoutSeconds * 1000
  );
}

/** How long {@link Session.close} takes at most, in ms. */
export function logoutDeadlineMs(quitTimeoutSeconds: number): number {
  return quitTimeoutSeconds * 1000 + TERM_GRACE_MS + KILL_GRACE_MS;
}

/** A template with the site's values in it, and the first key it names that the site does not have. */
function fill(
  template: string,
  site: SiteConfig,
): { readonly text: string; readonly missing: string | undefined } {
  const values = new Map([
    ...site.clientKeys,
    ['vpn_gw', site.vpnGw],
    ['username', site.username],
    ['password', site.password.reveal()],
  ]);
  let missing: string | undefined;
  const text = template.replace(/\{(\w+)\}/g, (_, key: string) => {
    if (!values.has(key)) missing ??= key;
    return values.get(key) ?? '';
  });
  return { text, missing };
}

/**
 * Starts the client and plays its profile's dialogue. The value of the stage is the time from the spawn to the
 * arrival of the success text, in ms, less the pauses made before typing. Rejects with the signal's reason, the
 * client then ended, nothing more typed.
 */
export async function logIn(
  site: SiteConfig,
  profile: ClientProfile,
  context: LoginContext,
  signal: AbortSignal,
): Promise<Session> {
  const { system, log } = context;
  const wanted = profile.command;
  const command = system.findCommand(wanted);
  if (command === undefined) {
    const detail = wanted.includes('/')
      ? `the client ${wanted} is not there or may not be run`
      : `the client ${wanted} is not in PATH: name it in clients.${profile.name}.command`;
    return notStarted('client-missing', detail, log);
  }
  const args = profile.args.flatMap((template) => {
    const { text, missing } = fill(template, site);
    return missing === undefined ? text : [];
  });
  const client = Console.start(system, command, args, { ...system.env, ...markAsEnvironment(context.mark) });
  if (typeof client === 'string') {
    const detail = `the client ${command} could not be started: ${printable(context.redact(client))}`;
    return notStarted('client-not-started', detail, log);
  }
  const transcript = () => printable(quote(client, TRANSCRIPT, context.redact));
  try {
    const result = await playDialogue(client, site, profile, context, { command, args }, signal);
    return {
      result,
      transcript,
      lost: () => (result.outcome === 'ok' ? endInWords(client, context.redact) : undefined),
      close: (hurry) => logOut(client, profile, { ...context, hurry }, result.outcome === 'ok'),
    };
  } catch (error) {
    await terminate(system, client, context.hurry);
    throw error;
  }
}

function notStarted(cause: Cause, detail: string, log: Log): Session {
  log.critical(`Something went bad when connecting: ${detail}`);
  return noLogin(cause, detail);
}

function markAsEnvironment(mark: string): Record<string, string> {
  const [name = ''] = mark.split('=', 1);
  return { [name]: mark.slice(name.length + 1) };
}

async function playDialogue(
  client: Console,
  site: SiteConfig,
  profile: ClientProfile,
  { system, config, log, redact }: LoginContext,
  spawned: { readonly command: string; readonly args: readonly string[] },
  signal: AbortSignal,
): Promise<StageResult> {
  const timeoutMs = config.login.stepTimeout * 1000;
  const answered = new Set<string>();
  let typed = '';
  let paused = 0;
  let next = 0;
  for (;;) {
    const { steps, mayEnd } = awaited(profile.dialogue, next);
    const failures = profile.failures.filter(({ after }) => after === undefined || answered.has(after));
    const patterns: readonly Pattern[] = [
      ...steps.map((step) => ({ regex: step.expect })),
      ...(mayEnd ? [success(profile)] : []),
      ...failures.map(({ expect }) => ({ regex: expect, wholeLine: true })),
    ].map((pattern) => ({ ...pattern, timed: profile.described }));
    const outcome = await client.expect(patterns, timeoutMs, signal);
    const step = outcome.kind === 'match' ? steps[outcome.index] : undefined;
    const line = step && fill(step.send, site);
    if (step !== undefined && line !== undefined && line.missing === undefined) {
      next = profile.dialogue.indexOf(step) + 1;
      const before = system.monotonic();
      await system.sleep(BEFORE_TYPING_MS, signal);
      paused += system.monotonic() - before;
      client.sendLine(line.text);
      typed = line.text;
      answered.add(step.prompt);
      continue;
    }
    if (outcome.kind === 'match' && mayEnd && outcome.index === steps.length) {
      const ms = outcome.at - client.startedAt - paused;
      return { outcome: 'ok', ms, detail: `logged in after ${ms.toFixed(3)} ms` };
    }
    const failure =
      outcome.kind === 'match' ? failures[outcome.index - (patterns.length - failures.length)] : undefined;
    const failed =
      (outcome.kind === 'eof' && unexecuted(spawned.command, client.notExecuted)) ||
      (line?.missing !== undefined && unanswerable(line.missing)) ||
      judgeFailure(outcome, failure?.cause, {
        client: profile.name,
        awaited: mayEnd ? undefined : steps.at(-1)?.prompt,
        stepTimeout: config.login.stepTimeout,
        said: lastWords(client, typed, redact),
        redact,
      });
    const timeout = outcome.kind === 'timeout' ? 'Timeout exceeded. ' : '';
    log.critical(
      `Something went bad when connecting: ${timeout}${failed.detail}\n${dump(client, spawned, patterns, timeoutMs, redact)}`,
    );
    return failed;
  }
}

/** What may come now: the optional prompts from `next` on and the one after them, or the end of the dialogue. */
function awaited(
  dialogue: readonly Step[],
  next: number,
): { readonly steps: readonly Step[]; readonly mayEnd: boolean } {
  const rest = dialogue.slice(next);
  const needed = rest.findIndex((step) => step.optional !== true);
  return needed === -1 ? { steps: rest, mayEnd: true } : { steps: rest.slice(0, needed + 1), mayEnd: false };
}

function success({ success: { expect, unless } }: ClientProfile): Pattern {
  return { regex: expect, wholeLine: true, ...(unless === undefined ? {} : { unless }) };
}

/** The lines that the script (pexpect) logged about its child, for those who know them. */
function dump(
  client: Console,
  { command, args }: { readonly command: string; readonly args: readonly string[] },
  patterns: readonly Pattern[],
  timeoutMs: number,
  redact: Redact,
): string {
  return [
    `command: ${command}`,
    `args: ${redact(JSON.stringify([command, ...args]))}`,
    `buffer (last ${QUOTE} chars): ${JSON.stringify(quote(client, QUOTE, redact))}`,
    `exitstatus: ${client.exit ? exitInWords(client.exit) : 'None'}`,
    `pid: ${client.pid}`,
    `timeout: ${timeoutMs / 1000}`,
    'searcher:',
    ...patterns.map(({ regex }, index) => `    ${index}: ${regex}`),
  ].join('\n');
}

/** The end of a client that nobody has ended, in words. */
function endInWords(client: Console, redact: Redact): string | undefined {
  if (client.exit === undefined) return undefined;
  const { words } = lastWords(client, '', redact);
  return `the client ended (${exitInWords(client.exit)})${words === '' ? '' : `: ${words}`}`;
}

function quote(client: Console, length: number, redact: Redact): string {
  const { text, cut } = client.transcript;
  return redactedTail(text, length, redact, cut);
}

/**
 * After a success types or signals the log-out and waits for the client to end by itself; after anything else types nothing (a
 * `quit` at a password prompt is one more wrong password). Then ends what is left.
 */
async function logOut(
  client: Console,
  profile: ClientProfile,
  { system, log, config, hurry }: LoginContext,
  loggedIn: boolean,
): Promise<boolean> {
  if (loggedIn && client.exit === undefined && !hurry.aborted) {
    const { logout } = profile;
    if ('line' in logout) client.sendLine(logout.line);
    else system.kill(client.pid, logout.signal);
    try {
      if ((await client.ended(config.login.quitTimeout * 1000, hurry)) === undefined) {
        const what = 'line' in logout ? logout.line : logout.signal;
        log.warning(`the client did not end within ${config.login.quitTimeout} s of ${what}: ending it`);
      }
    } catch {
      log.warning('the log-out was cut short: ending the client');
    }
  }
  return terminate(system, client, hurry);
}
