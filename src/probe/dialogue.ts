import type { ClientProfile, Step } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Console } from '../console/expect.ts';
import type { Pattern } from '../console/search.ts';
import type { Redact } from '../log/log.ts';
import type { LoginContext } from './context.ts';
import { exitInWords, lastWords, quote } from './last-words.ts';
import { judgeFailure, unanswerable, unexecuted } from './login-failure.ts';
import type { StageResult } from './result.ts';
import { fill } from './template.ts';

/**
 * Between a prompt and our typing, in ms: a client may print the prompt before it turns the echo off, or throws away what
 * was typed until then. Four times what was needed on a loaded machine (docs/benchmarks.md).
 */
const BEFORE_TYPING_MS = 20;
/** What the log quotes of the client's output, in characters, as the script did. */
const QUOTE = 100;

/** How long {@link playDialogue} takes at most, in ms. */
export function dialogueDeadlineMs({ dialogue }: ClientProfile, stepTimeoutSeconds: number): number {
  return dialogue.length * BEFORE_TYPING_MS + (dialogue.length + 1) * stepTimeoutSeconds * 1000;
}

/**
 * Answers a client's prompts as its profile says, until it has logged in or has failed to. The value of the stage is the time
 * from the spawn to the arrival of the success text, in ms, less the pauses made before typing. Rejects with the signal's
 * reason, nothing more typed.
 *
 * @param spawned what was started, for the log.
 */
export async function playDialogue(
  client: Console,
  site: SiteConfig,
  profile: ClientProfile,
  { system, config, resultLog, redact }: LoginContext,
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
    const failures = profile.failures.filter(
      ({ after, before }) =>
        (after === undefined || answered.has(after)) && (before === undefined || !answered.has(before)),
    );
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
    resultLog.critical(
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
