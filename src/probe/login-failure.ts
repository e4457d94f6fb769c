import type { Failure } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Outcome } from '../console/expect.ts';
import type { Redact } from '../log/log.ts';
import type { Cause, StageResult } from '../model/test-result.ts';
import { oneLine, printable } from '../words/printable.ts';
import { exitInWords, type LastWords } from './last-words.ts';
import { wordsOf } from './template.ts';

/** A log-in that failed. */
export type FailedLogin = StageResult & { readonly outcome: 'error' };

/**
 * Converts a wait that failed to a stage's result. Pure.
 *
 * @param cause of the text that was matched, if one was
 */
export function judgeFailure(
  outcome: Outcome,
  cause: Cause | undefined,
  wait: {
    /** The name of the client. */
    readonly client: string;
    /** The name of the expected prompt; `undefined`: the success was expected. */
    readonly awaited: string | undefined;
    /** Seconds. */
    readonly stepTimeout: number;
    readonly said: LastWords;
    readonly redact: Redact;
  },
): FailedLogin {
  const error = (cause: Cause, detail: string): FailedLogin => ({ outcome: 'error', cause, detail });
  const { client, stepTimeout, said, redact } = wait;
  const awaited = wait.awaited === undefined ? 'the success of the log-in' : `the prompt ${wait.awaited}`;
  switch (outcome.kind) {
    case 'timeout': {
      const late = `${awaited} did not come within ${stepTimeout} s`;
      if (said.asks) return error('prompt-not-seen', `${late}, seen instead: ${said.words}`);
      const last = said.words === '' ? 'the client said nothing more' : `the client last said: ${said.words}`;
      return error('step-timed-out', `${late}, ${last}`);
    }
    case 'eof': {
      const ended = `the client ended (${exitInWords(outcome.exit)}) before ${awaited} came`;
      return error('client-exited', said.words === '' ? ended : `${ended}: ${said.words}`);
    }
    case 'unsearched': {
      const patterns = `the patterns of clients.${client}`;
      return error('step-timed-out', `${awaited} could not be waited for with ${patterns}: ${outcome.why}`);
    }
    case 'match':
      return error(cause ?? 'refused', oneLine(redact(outcome.line)));
  }
}

/**
 * Converts a failure text of a profile to a stage's result.
 *
 * @param shown the line and the other values for the placeholders of {@link Failure.words}
 */
export function failureOf(
  { cause, words = '{line}', rejects }: Pick<Failure, 'cause' | 'words' | 'rejects'>,
  site: SiteConfig,
  shown: ReadonlyMap<string, string>,
  redact: Redact,
): FailedLogin {
  const detail = oneLine(redact(wordsOf(words, site, shown)));
  return { outcome: 'error', cause, detail, ...(rejects === true ? { rejected: true } : {}) };
}

/** A prompt without an answer in the config. Nothing is typed: an empty line could count as a wrong password. */
export function unanswerable(why: string): FailedLogin {
  return { outcome: 'error', cause: 'prompt-not-seen', detail: oneLine(why) };
}

/** A question for a one-time code, and the site has none to type. */
export function noCode(why: string): FailedLogin {
  return { outcome: 'error', cause: 'second-factor', detail: oneLine(why) };
}

/**
 * A question that comes more often than its limit.
 *
 * @param withCode whether a one-time code was the answer: the gateway has rejected it
 */
export function askedTooOften(prompt: string, count: number, withCode: boolean): FailedLogin {
  const times = count === 1 ? 'once' : `${count} times`;
  if (withCode)
    return {
      outcome: 'error',
      cause: 'second-factor',
      detail: `the client asks ${prompt} again: the gateway rejected the one-time code`,
      rejected: true,
    };
  return unanswerable(`the client asks ${prompt} again, which was answered ${times}`);
}

/** The failure of a client that exists but can't be executed, if that is `why` it ended. */
export function unexecuted(command: string, why: string | undefined): FailedLogin | undefined {
  if (why === undefined) return undefined;
  const detail = `the client ${command} could not be executed: ${printable(why)}`;
  return { outcome: 'error', cause: 'client-missing', detail };
}
