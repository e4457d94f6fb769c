import type { ClientProfile, Step } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Terminal } from '../console/expect.ts';
import type { Pattern } from '../console/search.ts';
import type { Redact } from '../log/log.ts';
import { BEFORE_TYPING_MS } from '../model/limits.ts';
import type { Cause, StageResult } from '../model/test-result.ts';
import type { LoginContext } from './context.ts';
import { exitInWords, lastWords, quote } from './last-words.ts';
import { judgeFailure, unanswerable, unexecuted } from './login-failure.ts';
import { fill } from './template.ts';

/** What the log quotes of the client's output, in characters, as the script did. */
const QUOTE = 100;

/**
 * Answers a client's prompts as its profile says, until it has logged in or has failed to. The value of the stage is the time
 * from the spawn to the arrival of the success text, in ms, less the pauses made before typing. Rejects with the signal's
 * reason, nothing more typed.
 */
export async function playDialogue(
  client: Terminal,
  site: SiteConfig,
  { place, config, resultLog, redact }: LoginContext,
  signal: AbortSignal,
): Promise<StageResult> {
  const profile = site.client;
  const timeoutMs = config.login.stepTimeout * 1000;
  const answered = new Set<string>();
  let typed = '';
  let paused = 0;
  let next = 0;
  for (;;) {
    const awaited = awaitedTexts(profile, next, answered);
    const patterns = awaited.map(({ pattern }) => ({ ...pattern, timed: profile.described }));
    const outcome = await client.expect(patterns, timeoutMs, signal);
    const met = outcome.kind === 'match' ? awaited[outcome.index] : undefined;
    const line = met?.means === 'prompt' ? fill(met.step.send, site) : undefined;
    if (met?.means === 'prompt' && line !== undefined && line.missing === undefined) {
      next = met.index + 1;
      const before = place.monotonic();
      await place.sleep(BEFORE_TYPING_MS, signal);
      paused += place.monotonic() - before;
      client.sendLine(line.text);
      typed = line.text;
      answered.add(met.step.prompt);
      continue;
    }
    if (outcome.kind === 'match' && met?.means === 'success') {
      const ms = outcome.at - client.startedAt - paused;
      return { outcome: 'ok', ms, detail: `logged in after ${ms.toFixed(3)} ms` };
    }
    const failed =
      (outcome.kind === 'eof' && unexecuted(client.file, client.notExecuted)) ||
      (line?.missing !== undefined && unanswerable(line.missing)) ||
      judgeFailure(outcome, met?.means === 'failure' ? met.cause : undefined, {
        client: profile.name,
        awaited: profile.dialogue[neededStep(profile.dialogue, next)]?.prompt,
        stepTimeout: config.login.stepTimeout,
        said: lastWords(client, typed, redact),
        redact,
      });
    const timeout = outcome.kind === 'timeout' ? 'Timeout exceeded. ' : '';
    resultLog.critical(
      `Something went bad when connecting: ${timeout}${failed.detail}\n${dump(client, patterns, timeoutMs, redact)}`,
    );
    return failed;
  }
}

/** A text that may come now, and what it means. */
type Awaited = { readonly pattern: Pattern } & (
  | { readonly means: 'prompt'; readonly step: Step; readonly index: number }
  | { readonly means: 'success' }
  | { readonly means: 'failure'; readonly cause: Cause }
);

/** What may come after the first `next` steps: a prompt, the success if no more prompt is needed, or a failure. */
function awaitedTexts(
  profile: ClientProfile,
  next: number,
  answered: ReadonlySet<string>,
): readonly Awaited[] {
  const { dialogue, success, failures } = profile;
  const needed = neededStep(dialogue, next);
  const awaited: Awaited[] = dialogue
    .map((step, index) => ({ means: 'prompt' as const, step, index, pattern: { regex: step.expect } }))
    .slice(next, needed === -1 ? undefined : needed + 1);
  if (needed === -1) {
    const { expect: regex, unless } = success;
    const pattern = { regex, wholeLine: true, ...(unless === undefined ? {} : { unless }) };
    awaited.push({ means: 'success', pattern });
  }
  for (const { expect: regex, cause, after, before } of failures) {
    if (after !== undefined && !answered.has(after)) continue;
    if (before !== undefined && answered.has(before)) continue;
    awaited.push({ means: 'failure', cause, pattern: { regex, wholeLine: true } });
  }
  return awaited;
}

/** Where the first prompt from `next` on is that must come; -1: there is none, the log-in may succeed at once. */
function neededStep(dialogue: readonly Step[], next: number): number {
  return dialogue.findIndex((step, index) => index >= next && step.optional !== true);
}

/** The lines that the script (pexpect) logged about its child, for those who know them. */
function dump(client: Terminal, patterns: readonly Pattern[], timeoutMs: number, redact: Redact): string {
  return [
    `command: ${client.file}`,
    `args: ${redact(JSON.stringify([client.file, ...client.args]))}`,
    `buffer (last ${QUOTE} chars): ${JSON.stringify(quote(client, QUOTE, redact))}`,
    `exitstatus: ${client.exit ? exitInWords(client.exit) : 'None'}`,
    `pid: ${client.pid}`,
    `timeout: ${timeoutMs / 1000}`,
    'searcher:',
    ...patterns.map(({ regex }, index) => `    ${index}: ${regex}`),
  ].join('\n');
}
