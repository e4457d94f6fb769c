import path from 'node:path';

/** The program that a command line runs. */
export interface Program {
  /** As the command line names it, with or without folders. */
  readonly file: string;
  /** What follows it. */
  readonly args: readonly string[];
}

/** How an interpreter's command line is read. Letters are those of short options, also bundled (`-ec`). */
interface Interpreter {
  readonly name: RegExp;
  /** The program is in the option's text, in a module or on stdin: no file is run. */
  readonly noFile: string;
  /** Takes the next argument, or what follows it in the bundle. */
  readonly value: string;
  /** What follows it in the bundle is its value. */
  readonly attached?: string;
  readonly longNoFile?: readonly string[];
  readonly longValue?: readonly string[];
}

const INTERPRETERS: readonly Interpreter[] = [
  {
    name: /^(?:ba|da|a|k|z)?sh$/,
    noFile: 'cs',
    value: 'oO',
    longValue: ['--rcfile', '--init-file'],
  },
  { name: /^python[\d.]*$/, noFile: 'cm', value: 'WX', longValue: ['--check-hash-based-pycs'] },
  { name: /^perl[\d.]*$/, noFile: 'eE', value: 'I', attached: 'mMFilxCDdV0' },
  {
    name: /^node(?:js)?$/,
    noFile: 'ep',
    value: 'rC',
    longNoFile: ['--eval', '--print'],
    longValue: ['--require', '--import', '--loader', '--experimental-loader', '--conditions', '--env-file'],
  },
];

/**
 * The program of a NUL-split command line: its first word, or for an interpreter the script that it runs, which is the
 * first argument that is neither an option nor an option's value. `undefined` where there is none: an empty command
 * line, `bash -c TEXT`, and a title that a process has written over its arguments (`nginx: worker /usr/bin/x`).
 */
export function programOf(commandLine: readonly string[]): Program | undefined {
  const [file, ...args] = commandLine;
  if (file === undefined || file === '' || /\s/.test(file)) return undefined;
  const interpreter = INTERPRETERS.find(({ name }) => name.test(path.basename(file)));
  return interpreter ? scriptOf(args, interpreter) : { file, args };
}

function scriptOf(args: readonly string[], interpreter: Interpreter): Program | undefined {
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (arg === '-') return undefined;
    const option = arg === '--' ? 'none' : kindOf(arg, interpreter);
    if (option === 'no-file') return undefined;
    if (option === 'value') i += 1;
    if (option !== 'none') continue;
    const at = arg === '--' ? i + 1 : i;
    const file = args[at];
    return file === undefined ? undefined : { file, args: args.slice(at + 1) };
  }
  return undefined;
}

/** What an argument is to the interpreter: no option, one without a value, one that takes the next argument, or one that runs no file. */
function kindOf(arg: string, interpreter: Interpreter): 'none' | 'flag' | 'value' | 'no-file' {
  if (!/^[-+]./.test(arg)) return 'none';
  if (arg.startsWith('--')) {
    if (interpreter.longNoFile?.includes(arg.replace(/=.*/s, ''))) return 'no-file';
    return interpreter.longValue?.includes(arg) ? 'value' : 'flag';
  }
  for (let i = 1; i < arg.length; i += 1) {
    const letter = arg.charAt(i);
    if (interpreter.noFile.includes(letter)) return 'no-file';
    if (interpreter.value.includes(letter)) return i === arg.length - 1 ? 'value' : 'flag';
    if (interpreter.attached?.includes(letter)) return 'flag';
  }
  return 'flag';
}
