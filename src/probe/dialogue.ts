import type { Step } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Outcome, Terminal } from '../console/expect.ts';
import { formLines, type Pattern } from '../console/search.ts';
import { withPatterns } from '../console/search-in-time.ts';
import type { Redact } from '../log/log.ts';
import { BEFORE_TYPING_MS, REASON_MS } from '../model/limits.ts';
import { failed } from '../model/result.ts';
import type { SessionWarning, StageResult } from '../model/test-result.ts';
import { oneLine } from '../words/printable.ts';
import { type Answered, type Awaited, awaitedTexts, neededStep, ofSite } from './awaited-texts.ts';
import type { LoginContext, WatchTunnel } from './context.ts';
import { expectOrTunnel } from './expect-or-tunnel.ts';
import { exitInWords, isReturn, lastWords, quote } from './last-words.ts';
import {
  askedTooOften,
  type FailedLogin,
  failureOf,
  judgeFailure,
  noCode,
  unanswerable,
  unexecuted,
} from './login-failure.ts';
import { noticesIn } from './notices.ts';
import { waitUntilShown } from './shown-by.ts';
import { answerTo, choicesIn, isListed, listedTexts, needsCode } from './template.ts';

/** How much of the client's output the log quotes, in characters, as the script did. */
const QUOTE = 100;

/** The outcome of a dialogue. */
export interface Played {
  readonly result: StageResult;
  /** Warnings of the gateway. */
  readonly warnings: readonly SessionWarning[];
}

/**
 * Answers a client's questions as its profile describes, until the log-in has succeeded or failed. The value of the stage is
 * the time from the spawn to the arrival of the success text, in ms, minus the pauses before typing. On an abort, types
 * nothing more and rejects with the signal's reason.
 *
 * @param watchTunnel proves the success of a client whose text is not known: the value is then the time of the route
 */
export async function playDialogue(
  client: Terminal,
  site: SiteConfig,
  { place, config, log, resultLog, redact, code, onMatch }: LoginContext,
  signal: AbortSignal,
  watchTunnel?: WatchTunnel,
): Promise<Played> {
  const { name, described } = site.client;
  const notices = site.client.notices ?? [];
  const profile = ofSite(site);
  const timeoutMs = config.login.stepTimeout * 1000;
  const progress: Answered = { prompts: new Set(), counts: new Map(), next: 0 };
  const warnings = new Map<SessionWarning['kind'], SessionWarning>();
  let typed = '';
  let paused = 0;
  let waitingSince = place.monotonic();
  let complaint: Complaint | undefined;
  const type = async (line: string, template: string) => {
    const before = place.monotonic();
    await place.sleep(BEFORE_TYPING_MS, signal);
    paused += place.monotonic() - before;
    client.sendLine(line, template);
    typed = line;
    complaint = undefined;
    waitingSince = place.monotonic();
  };
  const makeCode = async (prompt: string) => {
    const before = place.monotonic();
    const made = await (code?.take(signal) ??
      failed(`the client asks for a one-time code (${prompt}): set totp_secret`));
    paused += place.monotonic() - before;
    return made;
  };
  const succeed = (at: number): Played => {
    const ms = at - client.startedAt - paused;
    const result: StageResult = { outcome: 'ok', ms, detail: `logged in after ${ms.toFixed(3)} ms` };
    return { result, warnings: [...warnings.values()] };
  };
  const fail = (result: FailedLogin, patterns: readonly Pattern[], prefix = ''): Played => {
    resultLog.critical(
      `Something went bad when connecting: ${prefix}${result.detail}\n${dump(client, patterns, timeoutMs, redact)}`,
    );
    return { result, warnings: [...warnings.values()] };
  };
  for (;;) {
    const awaited = awaitedTexts(profile, progress, config.login.allow);
    const patterns = awaited.map(({ pattern }) => ({ ...pattern, timed: described }));
    const left = Math.max(0, waitingSince + timeoutMs - place.monotonic());
    const isLast = awaited.some(({ means }) => means === 'success');
    const outcome = await expectOrTunnel(client, patterns, left, signal, isLast ? watchTunnel : undefined);
    if (outcome.kind === 'tunnel') {
      log.info(`${site.name}: no text of ${name} told of the log-in, its route did`);
      return succeed(outcome.at);
    }
    const { shownBy } = profile.success;
    if (outcome.kind === 'eof' && isReturn(outcome.exit) && shownBy !== undefined) {
      const shown = await waitUntilShown(client, site, shownBy, timeoutMs, signal);
      if (shown.ok) return succeed(shown.value);
      const line = new Map([['line', redact(shown.why)]]);
      return fail(failureOf(shownBy.otherwise, site, line, redact), [{ regex: profile.success.expect }]);
    }
    const judge = (outcome: Outcome) =>
      judgeFailure(outcome, undefined, {
        client: name,
        awaited: profile.dialogue[neededStep(profile.dialogue, progress.next)]?.prompt,
        stepTimeout: config.login.stepTimeout,
        said: lastWords(client, typed, redact),
        redact,
      });
    if (outcome.kind !== 'match') {
      const passed = withPatterns(described, () => unlessPassed(complaint, client.unread), place);
      const failure =
        (outcome.kind === 'eof' && unexecuted(client.file, client.notExecuted)) ||
        (passed.ok ? passed.value : complaint)?.failed ||
        judge(outcome);
      return fail(failure, patterns, outcome.kind === 'timeout' ? 'Timeout exceeded. ' : '');
    }
    const met = awaited[outcome.index];
    if (met === undefined) throw new Error('a match of no pattern');
    const { form } = client;
    onMatch?.(met, form, outcome.line);
    const read = withPatterns(
      described,
      () => ({
        complaint: unlessPassed(complaint, form),
        notices: noticesIn(form, notices, redact),
        shown: shownIn(form, outcome.line, met.pattern),
      }),
      place,
    );
    if (!read.ok) return fail(judge({ kind: 'unsearched', why: read.why }), patterns);
    const { shown } = read.value;
    complaint = read.value.complaint;
    for (const warning of read.value.notices) warnings.set(warning.kind, warning);
    if (met.means === 'success') {
      return succeed(outcome.at);
    }
    if (met.means === 'failure') {
      const { passing, vague } = met.failure;
      if (passing !== undefined) {
        if (vague === true && complaint !== undefined) continue;
        complaint = { failed: failureOf(met.failure, site, shown, redact), passing };
        continue;
      }
      if (met.failure.vague !== true) return fail(failureOf(met.failure, site, shown, redact), patterns);
      const reason = await reasonAfter(client, { met, shown }, awaited, site, { redact, onMatch }, signal);
      return fail(reason, patterns);
    }
    const { step, index } = met;
    const count = progress.counts.get(index) ?? 0;
    const withCode = needsCode(step.send, site);
    if (count >= (step.limit ?? 1)) return fail(askedTooOften(step.prompt, count, withCode), patterns);
    const refused = refusalOf(step, site, shown);
    if (refused !== undefined) {
      const { refusal, wanted } = refused;
      if (refusal.send !== undefined) await type(refusal.send, refusal.send);
      return fail(failureOf(refusal, site, new Map([...shown, ['wanted', wanted]]), redact), patterns);
    }
    const made = withCode ? await makeCode(step.prompt) : undefined;
    if (made?.ok === false) return fail(noCode(made.why), patterns);
    const answer = answerTo(step.send, site, form, made?.value);
    if (!answer.ok) return fail(unanswerable(redact(answer.why)), patterns);
    progress.counts.set(index, count + 1);
    // A question that may come at any time does not skip the steps before it, unless it is the next required one.
    if (step.limit === undefined || index === neededStep(profile.dialogue, progress.next)) {
      progress.next = index + 1;
    }
    progress.prompts.add(step.prompt);
    await type(answer.value, step.send);
  }
}

/** A failure after which the client may go on, and what shows that it did. */
interface Complaint {
  readonly failed: FailedLogin;
  readonly passing: RegExp;
}

/** The complaint, unless the client printed since then that it went on. */
function unlessPassed(complaint: Complaint | undefined, printed: string): Complaint | undefined {
  return formLines(printed).some((line) => complaint?.passing.test(line)) ? undefined : complaint;
}

/** The values of a match: the line, the listed choices, and the named groups of its patterns. */
function shownIn(form: string, line: string, { regex, within }: Pattern): ReadonlyMap<string, string> {
  const list = choicesIn(form).map(({ label }) => label);
  const shown = new Map([
    ['line', line],
    ['list', list.filter((label) => !/^Other\b/i.test(label)).join(', ')],
  ]);
  const matches = [...formLines(form).map((each) => within?.exec(each)), regex.exec(line)];
  for (const match of matches) {
    for (const [name, text] of Object.entries(match?.groups ?? {}))
      if (text !== undefined) shown.set(name, text);
  }
  return shown;
}

/** The failure of a question whose value the config does not list, and the list with that value; `undefined`: answer it. */
function refusalOf({ listed }: Step, site: SiteConfig, shown: ReadonlyMap<string, string>) {
  if (listed === undefined) return undefined;
  const { group, key, otherwise: refusal } = listed;
  const text = shown.get(group) ?? '';
  if (isListed(site, key, text)) return undefined;
  // Leave out words such as verify.
  const before = listedTexts(site, key).filter((each) => each.length === text.length);
  return { refusal, wanted: [...before, text].join(', ') };
}

/** The failure that gives the reason for a vague one, if it comes soon; otherwise the vague one. */
async function reasonAfter(
  client: Terminal,
  vague: { readonly met: Awaited & { means: 'failure' }; readonly shown: ReadonlyMap<string, string> },
  awaited: readonly Awaited[],
  site: SiteConfig,
  { redact, onMatch }: Pick<LoginContext, 'redact' | 'onMatch'>,
  signal: AbortSignal,
): Promise<FailedLogin> {
  const reasons = awaited.filter((each) => each.means === 'failure' && each.failure.vague !== true);
  const patterns = reasons.map(({ pattern }) => ({ ...pattern, timed: site.client.described }));
  const outcome = await client.expect(patterns, REASON_MS, signal);
  const reason = outcome.kind === 'match' ? reasons[outcome.index] : undefined;
  const first = failureOf(vague.met.failure, site, vague.shown, redact);
  if (outcome.kind !== 'match' || reason?.means !== 'failure') return first;
  onMatch?.(reason, client.form, outcome.line);
  const shown = shownIn(client.form, outcome.line, reason.pattern);
  const second = failureOf(reason.failure, site, shown, redact);
  const stop = /[.:!]$/.test(first.detail) ? '' : ':';
  return { ...second, detail: oneLine(`${first.detail}${stop} ${second.detail}`) };
}

/** The lines that the script (pexpect) logged about its child. */
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
