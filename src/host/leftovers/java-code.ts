const PATH_OPTIONS = ['-cp', '-classpath', '--class-path', '-p', '--module-path'];
const MODULE_OPTIONS = ['-m', '--module'];
/** Options whose value is the next argument and is not code. */
const VALUE_OPTIONS = [
  '--add-exports',
  '--add-modules',
  '--add-opens',
  '--add-reads',
  '--describe-module',
  '-d',
  '--enable-native-access',
  '--limit-modules',
  '--patch-module',
  '--source',
  '--upgrade-module-path',
];

/**
 * Returns where a java launcher loads its code from: the entries of its class and module paths, and its main class, archive (`-jar`)
 * or module. Ignores the values of other options, such as `-Dlog=...`, and the arguments of the main program: they can be any text.
 *
 * @param args the launcher's arguments, without its own name.
 */
export function javaCode(args: readonly string[]): readonly string[] {
  const code: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    const [option = '', inline] = arg.startsWith('--') ? splitOnce(arg) : [arg];
    if (PATH_OPTIONS.includes(option)) {
      code.push(...(inline ?? args[++i] ?? '').split(':'));
    } else if (MODULE_OPTIONS.includes(option)) {
      return [...code, ...(inline ?? args[i + 1] ?? '').split('/')];
    } else if (VALUE_OPTIONS.includes(option)) {
      if (inline === undefined) i += 1;
    } else if (arg.startsWith('@')) {
      // A file of arguments may contain the main class; the remaining arguments are then that program's.
      return code;
    } else if (!arg.startsWith('-')) {
      return [...code, arg];
    }
  }
  return code;
}

function splitOnce(option: string): [string, string?] {
  const at = option.indexOf('=');
  return at < 0 ? [option] : [option.slice(0, at), option.slice(at + 1)];
}
