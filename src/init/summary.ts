import { type Answers, givenAt, YES } from './answers.ts';
import type { Step } from './steps.ts';

/** What a line typed at the summary means. */
export type Chosen =
  | { readonly kind: 'write' }
  /** Asks for the answer of this step again. */
  | { readonly kind: 'change'; readonly step: Step }
  | { readonly kind: 'unknown'; readonly expected: string };

/** Returns the answers as numbered lines. Hidden ones are not shown. */
export function summaryLines(steps: readonly Step[], answers: Answers): readonly string[] {
  const width = Math.max(...steps.map(({ question }) => question.label.length));
  return steps.map(({ place, question: { key, label, hidden } }, index) => {
    const value = givenAt(answers, place)[key] ?? '';
    const shown = value === '' ? 'none' : hidden ? '(not shown)' : value;
    return `${String(index + 1).padStart(4)}  ${label.padEnd(width)}  ${shown}`;
  });
}

/** Reads what is typed at the summary: Enter or yes, or the number of an answer. */
export function readChoice(typed: string, steps: readonly Step[]): Chosen {
  const text = typed.trim().toLowerCase();
  if (text === '' || text === YES || text === 'y') return { kind: 'write' };
  const step = /^\d{1,6}$/.test(text) ? steps[Number(text) - 1] : undefined;
  if (step !== undefined) return { kind: 'change', step };
  return { kind: 'unknown', expected: `Enter, a number from 1 to ${steps.length}, or <` };
}
