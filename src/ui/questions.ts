import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import type { Output } from './screen.ts';

/** Where answers are typed, and where what is typed is shown. */
export interface Keyboard {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Output;
}

/** How a question is asked. */
export interface QuestionOptions {
  /** What is typed is not shown. */
  readonly hidden?: boolean;
}

/** Questions on a terminal, one after the other. */
export interface Questions {
  /** Asks, and gives the line that is typed. Rejects with the reason of `stop` when that is aborted. */
  ask(question: string, options?: QuestionOptions): Promise<string>;
  /** Gives the terminal back. */
  end(): void;
}

/**
 * Begins to read the keyboard. What is typed before its question is kept for it, and not shown before.
 *
 * @param interrupt called at ^C and at the end of the input (^D, a closed terminal).
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
  // The editor of the line asks for it at each key.
  Object.defineProperty(echo, 'columns', { get: () => output.columns });
  // Not the one of promises: it drops lines that come before their question. Without a history no arrow key brings the
  // password back.
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
  // Of a terminal that is closed.
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
