import { type Answers, givenAt, type Place, sitesIn, withAnswer } from './answers.ts';
import type { About, Facts, Question } from './init-question.ts';
import { END_QUESTIONS, MAIL_QUESTIONS } from './mail-questions.ts';
import { SITE_QUESTIONS } from './site-questions.ts';

/** A question, and what it is about. */
export interface Step {
  readonly place: Place;
  readonly question: Question;
}

/** The state of the interview. The next question is the first one that has no answer. */
export interface Interview {
  readonly answers: Answers;
  /** Earlier answers of questions that are asked again: Enter accepts them. */
  readonly drafts: Answers;
}

/** The interview before its first question. */
export const START: Interview = { answers: new Map(), drafts: new Map() };

/** Returns what a step's question depends on. */
export function aboutStep({ place }: Step, answers: Answers, facts: Facts): About {
  const index = typeof place === 'number' ? place : 0;
  return {
    given: givenAt(answers, place),
    names: sitesIn(answers).flatMap(({ name }, other) =>
      other === place || name === undefined ? [] : [name],
    ),
    previous: index === 0 ? undefined : givenAt(answers, index - 1),
    number: index + 1,
    facts,
  };
}

/** Returns all steps of these answers in their order, answered or not. */
export function stepsOf(answers: Answers, facts: Facts): readonly Step[] {
  const at = (place: Place, questions: readonly Question[]) =>
    questions.map((question): Step => ({ place, question }));
  const all = [
    ...sitesIn(answers).flatMap((_, index) => at(index, SITE_QUESTIONS)),
    ...at('mail', MAIL_QUESTIONS),
    ...at('end', END_QUESTIONS),
  ];
  return all.filter((step) => step.question.when?.(aboutStep(step, answers, facts)) ?? true);
}

/** Returns the step that is asked next; `undefined` if all are answered. */
export function nextStep({ answers }: Interview, facts: Facts): Step | undefined {
  return stepsOf(answers, facts).find(
    ({ place, question }) => givenAt(answers, place)[question.key] === undefined,
  );
}

/** Answers a step. If that changes the answer, those that it outdates are asked for again. */
export function answer({ answers, drafts }: Interview, { place, question }: Step, value: string): Interview {
  const { key, outdates = [] } = question;
  const changed = givenAt(drafts, place)[key] !== value;
  const forget = (from: Answers) =>
    changed ? outdates.reduce((rest, other) => withAnswer(rest, place, other, undefined), from) : from;
  return {
    answers: withAnswer(forget(answers), place, key, value),
    drafts: withAnswer(forget(drafts), place, key, undefined),
  };
}

/** Asks for an answer again. Enter accepts it as it was. */
export function reopen({ answers, drafts }: Interview, { place, question: { key } }: Step): Interview {
  return {
    answers: withAnswer(answers, place, key, undefined),
    drafts: withAnswer(drafts, place, key, givenAt(answers, place)[key] ?? givenAt(drafts, place)[key]),
  };
}

/** Goes back to the question before the next one; `undefined` if that is the first. */
export function back(interview: Interview, facts: Facts): Interview | undefined {
  const steps = stepsOf(interview.answers, facts);
  const next = nextStep(interview, facts);
  const before = next === undefined ? steps.at(-1) : steps[indexOf(steps, next) - 1];
  return before && reopen(interview, before);
}

function indexOf(steps: readonly Step[], { place, question }: Step): number {
  return steps.findIndex((step) => step.place === place && step.question === question);
}
