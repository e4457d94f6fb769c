const PATH_OPTIONS = ['-cp', '-classpath', '--class-path', '-p', '--module-path'];
const MODULE_OPTIONS = ['-m', '--module'];
/** Options of the launcher whose value is the next argument and names no code. */
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
 * Where a java launcher takes its code from: each entry of its class and module paths, and its main class, archive
 * (`-jar`) or module. Values of other options, as `-Dlog=...`, and the arguments after the main program are not among
 * them: there anybody may name anything.
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
      // A file of arguments: it may hold the main class, and then all that follows is that program's own.
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
