import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import type { Output } from './screen.ts';

/** A terminal for questions: its input, and the output for the questions and the typed text. */
export interface Keyboard {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Output;
}

/** The options of a question. */
export interface QuestionOptions {
  /** Whether to hide the typed text. */
  readonly hidden?: boolean;
}

/** Asks questions on a terminal, one after the other. */
export interface Questions {
  /** Asks a question and returns the typed line. Rejects with the reason of `stop`. */
  ask(question: string, options?: QuestionOptions): Promise<string>;
  /** Stops reading the terminal. */
  end(): void;
}

/**
 * Starts to read the terminal. Text that is typed before its question is kept, and shown with the question.
 *
 * @param interrupt called for ^C and for the end of the input (^D, a closed terminal).
 */
export function openQuestions(
  { input, output }: Keyboard,
  stop: AbortSignal,
  interrupt: () => void,
): Questions {
  let shown = false;
  const echo = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (shown) output.write(chunk.toString());
      done();
    },
  });
  // The line editor reads this property at each key.
  Object.defineProperty(echo, 'columns', { get: () => output.columns });
  // Not node:readline/promises, which drops lines that arrive before their question. No history: an arrow key would show the
  // password again.
  const editor = createInterface({ input, output: echo, terminal: true, historySize: 0 });
  const early: string[] = [];
  let answered: ((line: string) => void) | undefined;
  editor.on('line', (line) => {
    shown = false;
    if (answered === undefined) early.push(line);
    else answered(line);
  });
  const interrupted = () => {
    shown = false;
    interrupt();
  };
  editor.on('SIGINT', interrupted);
  editor.on('close', interrupted);
  // A closed terminal causes an error.
  editor.on('error', interrupted);
  return {
    ask: (question, { hidden = false } = {}) =>
      new Promise((resolve, reject) => {
        stop.throwIfAborted();
        const give = (line: string) => {
          answered = undefined;
          stop.removeEventListener('abort', giveUp);
          if (hidden) output.write('\n');
          resolve(line);
        };
        const giveUp = () => {
          output.write('\n');
          reject(stop.reason);
        };
        const line = early.shift();
        if (line !== undefined) {
          output.write(hidden ? question : `${question}${line}\n`);
          give(line);
          return;
        }
        answered = give;
        stop.addEventListener('abort', giveUp, { once: true });
        if (hidden) {
          output.write(question);
          return;
        }
        shown = true;
        editor.setPrompt(question);
        editor.prompt(true);
      }),
    end: () => {
      editor.off('close', interrupted);
      editor.close();
    },
  };
}
