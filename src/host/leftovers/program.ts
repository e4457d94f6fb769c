import path from 'node:path';

/** The program that a command line runs. */
export interface Program {
  /** The program as in the command line, with or without folders. */
  readonly file: string;
  /** Its arguments. */
  readonly args: readonly string[];
}

/** The options of an interpreter. A string lists the letters of short options, which may be bundled (`-ec`). */
interface Interpreter {
  readonly name: RegExp;
  /** With these options the interpreter runs no file: the program is a text, a module or stdin. */
  readonly noFile: string;
  /** Their value is the rest of the bundle or the next argument. */
  readonly value: string;
  /** Their value is the rest of the bundle. */
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
 * Returns the program of a command line that was split at its NULs: the first word, or the script if that is an interpreter. The
 * script is the first argument that is neither an option nor the value of one. Returns `undefined` for an empty command line, for
 * `bash -c TEXT`, and for a title that a process wrote over its arguments (`nginx: worker /usr/bin/x`).
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

/** The kind of an argument: `none` is no option; `flag` has no value in the next argument, `value` has; `no-file` runs no file. */
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
