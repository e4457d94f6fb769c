import { shellQuoted } from '../words/shell-word.ts';
import type { CompletionArgument, CompletionCommand, CompletionOption, Values } from './completion-tree.ts';

/** Returns the completion script for the completion system of zsh 5. It evaluates no typed or read text. */
export function zshScript([program, ...commands]: readonly [
  CompletionCommand,
  ...CompletionCommand[],
]): string {
  return `#compdef vpn-monitor
# Completion of vpn-monitor for zsh: source <(vpn-monitor completion zsh), or save it as _vpn-monitor in a folder of fpath.

# Completes with the names that "vpn-monitor complete-$1" prints.
_vpn-monitor_names() {
  # It has the quotes that were typed, and those that _arguments adds.
  local file=\${(Q)\${(Q)\${opt_args[--config]:-\${opt_args[-c]:-$config}}}}
  local -a names
  [[ $file == '~/'* ]] && file=$HOME/\${file#'~/'}
  names=("\${(@f)$(vpn-monitor complete-$1 \${file:+--config} $file 2>/dev/null)}")
  compadd -a names
}

_vpn-monitor() {
  local curcontext=$curcontext context state state_descr config
  local -a line commands
  typeset -A opt_args
  # A second call of _arguments, below, completes the options of the command.
  _arguments -C -A '-*' \\
${program.options.flatMap(optionSpecs).map(line(4)).join('')}    '1:command:->command' '*::argument:->arguments' && return
  case $state in
  command)
    commands=(
${commands.map(({ name, description }) => `      ${shellQuoted(`${name}:${description}`)}\n`).join('')}    )
    _describe command commands
    ;;
  arguments)
    config=\${opt_args[--config]:-$opt_args[-c]}
    case $line[1] in
${commands.map(commandCase).join('')}    esac
    ;;
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _vpn-monitor "$@"
else
  compdef _vpn-monitor vpn-monitor
fi
`;
}

function commandCase({ name, options, args }: CompletionCommand): string {
  const specs = [...options.flatMap(optionSpecs), ...args.map(argumentSpec)];
  return `    ${name})
      _arguments \\
${specs
  .map(line(8))
  .join('')
  .replace(/ \\\n$/, '\n')}      ;;
`;
}

/** Returns a function that formats one of several lines of a shell command. */
function line(indent: number): (text: string) => string {
  return (text) => `${' '.repeat(indent)}${text} \\\n`;
}

/** Returns the specs of an option for _arguments: one for each flag, each of which excludes the others. */
function optionSpecs({ flags, description, values }: CompletionOption): string[] {
  const value = values === undefined ? '' : `:value:${action(values)}`;
  return flags.map((flag) => {
    const name = values !== undefined && flag.startsWith('--') ? `${flag}=` : flag;
    return shellQuoted(`(${flags.join(' ')})${name}[${escaped(description)}]${value}`);
  });
}

function argumentSpec({ name, values, repeated }: CompletionArgument): string {
  return shellQuoted(`${repeated ? '*' : ''}:${escaped(name)}:${action(values)}`);
}

/** Where it begins with a blank, `_arguments` adds no arguments of its own. */
function action(values: Values): string {
  if (values === 'files') return '_files';
  if (values === 'folders') return '_files -/';
  if (values === 'sites' || values === 'channels') return ` _vpn-monitor_names ${values}`;
  return values === 'any' ? ' ' : `(${values.join(' ')})`;
}

/** Escapes a text for the description in a spec. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}
