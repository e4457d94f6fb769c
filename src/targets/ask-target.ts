import { fileURLToPath } from 'node:url';
import { reason } from '../files/reason.ts';
import { TARGET_START_MS } from '../model/limits.ts';
import { failed, good, type Result } from '../model/result.ts';
import type { Place } from '../system/place.ts';
import { oneLine } from '../words/printable.ts';
import { type Answer, QUESTION, type Question } from './question.ts';

const PROGRAM = fileURLToPath(new URL('./target-program.js', import.meta.url));

/**
 * Asks a target from a place: a child does it, so that it works in a place of its own. The time is taken in the child. Fails if
 * the child can't be run. Rejects with the signal's reason.
 */
export async function askTarget(
  place: Place,
  question: Question,
  signal: AbortSignal,
): Promise<Result<Answer>> {
  signal.throwIfAborted();
  const env = { ...place.env, [QUESTION]: JSON.stringify(question) };
  const timeoutMs = question.ms + TARGET_START_MS;
  try {
    const { code, output } = await place.run(process.execPath, [PROGRAM], { env, timeoutMs, signal });
    signal.throwIfAborted();
    const answer = code === 0 ? parseAnswer(output) : undefined;
    if (answer !== undefined) return good(answer);
    if (code === null) return failed('the program that asks it did not end');
    return failed(`the program that asks it failed: ${oneLine(output.trim().split('\n').at(-1) ?? '')}`);
  } catch (error) {
    signal.throwIfAborted();
    return failed(`the program that asks it could not be started: ${reason(error)}`);
  }
}

function parseAnswer(output: string): Answer | undefined {
  try {
    // Node may print warnings before it.
    const answer: Answer = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    return { ...answer, detail: oneLine(answer.detail) };
  } catch {
    return undefined;
  }
}
