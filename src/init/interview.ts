import type { LoadResult } from '../config/load.ts';
import { type Answers, type Given, givenAt, type Key, type Place } from './answers.ts';
import { type About, type Facts, type Look, promptOf, readAnswer } from './init-question.ts';
import {
  aboutStep,
  answer,
  back,
  type Interview,
  nextStep,
  reopen,
  START,
  type Step,
  stepsOf,
} from './steps.ts';
import { readChoice, summaryLines } from './summary.ts';

/** What {@link interview} needs. */
export interface InterviewParts {
  /** Asks a question and returns the typed line. `hidden`: the typed text is not shown. */
  readonly ask: (question: string, options?: { readonly hidden?: boolean }) => Promise<string>;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** Loads the config with these answers. */
  readonly load: (answers: Answers) => LoadResult;
  readonly facts: Facts;
  /** Looks at what an answer names and prints the result. */
  readonly look: (look: Look, answers: Answers) => Promise<void>;
  /** Prints the certificate of a site's gateway and returns its fingerprint as the client writes it; `undefined` if it can't be read. */
  readonly showCertificate: (site: Given) => Promise<string | undefined>;
}

/** What is typed to go back to the question before. */
const BACK = '<';

/** Asks all questions, and what may be changed, until the user wants the answers to be written. */
export async function interview(parts: InterviewParts): Promise<Answers> {
  const { say, facts } = parts;
  let state = START;
  let place: Place | undefined;
  for (;;) {
    const step = nextStep(state, facts);
    if (step === undefined) {
      const next = await atTheEnd(state, parts);
      if (next === undefined) return state.answers;
      state = next;
      place = undefined;
      continue;
    }
    if (step.place !== place) say(`\n${headingOf(step.place)}`);
    place = step.place;
    state = await askStep(step, state, parts);
  }
}

function headingOf(place: Place): string {
  if (typeof place === 'number') return place === 0 ? 'The first site' : `Site ${place + 1}`;
  return { mail: 'Mail', end: 'Afterwards' }[place];
}

/** Asks a question until there is an answer that the config loader accepts, or goes back. */
async function askStep(step: Step, state: Interview, parts: InterviewParts): Promise<Interview> {
  const { ask, say, load, look, showCertificate, facts } = parts;
  const { place, question } = step;
  const asked = aboutStep(step, state.answers, facts);
  const fingerprint = question.showsCertificate ? await showCertificate(asked.given) : undefined;
  const about: About = { ...asked, fingerprint };
  const draft = state.drafts.get(place)?.[question.key];
  for (;;) {
    const typed = await ask(promptOf(question, about, draft), { hidden: question.hidden === true });
    if (typed.trim() === BACK) {
      const before = back(state, facts);
      if (before !== undefined) return before;
      say('  this is the first question');
      continue;
    }
    const read = readAnswer(question, typed, about, draft);
    if (!read.ok) {
      say(`  expected ${read.why}`);
      continue;
    }
    const next = answer(state, step, read.value);
    const flaws = flawsOf(step, next.answers, load);
    for (const flaw of flaws) say(`  ${flaw}`);
    if (flaws.length > 0) continue;
    const looked = question.look?.(aboutStep(step, next.answers, facts));
    if (looked !== undefined) await look(looked, next.answers);
    return next;
  }
}

/** Shows the answers. Returns the interview that goes on; `undefined`: the answers shall be written. */
async function atTheEnd(state: Interview, parts: InterviewParts): Promise<Interview | undefined> {
  const { ask, say, facts } = parts;
  const { answers } = state;
  const steps = stepsOf(answers, facts);
  say(['', 'Your answers', ...summaryLines(steps, answers)].join('\n'));
  for (;;) {
    const typed = await ask('Enter writes the config; a number changes that answer: ');
    if (typed.trim() === BACK) return back(state, facts);
    const chosen = readChoice(typed, steps);
    if (chosen.kind === 'write') return undefined;
    if (chosen.kind === 'change') return reopen(state, chosen.step);
    say(`  expected ${chosen.expected}`);
  }
}

/** Returns the problems of a step's answer. Other steps ask for the other keys; for a site's name, all problems count. */
function flawsOf(
  { place, question: { key } }: Step,
  answers: Answers,
  load: InterviewParts['load'],
): readonly string[] {
  const loaded = load(alone(place, key, answers));
  if (loaded.ok) return [];
  const isAbout = (path: string) => key === 'name' || lastKey(path) === key;
  return [...new Set(loaded.errors.filter(({ path }) => isAbout(path)).map(({ text }) => text))];
}

/** Returns the answers on which those of a place depend: the example then takes the place of all others. */
function alone(place: Place, key: Key, answers: Answers): Answers {
  const given = givenAt(answers, place);
  if (typeof place !== 'number') return new Map([[place, given]]);
  if (key === 'name') return new Map([[0, { name: given.name ?? '' }]]);
  return new Map([[0, withoutMore(given)]]);
}

function withoutMore({ more: _, ...given }: Given): Given {
  return given;
}

function lastKey(path: string): string | undefined {
  return path
    .replace(/\[\d+\]$/, '')
    .split('.')
    .at(-1);
}
