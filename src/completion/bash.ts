import type { CompletionCommand, Values } from './completion-tree.ts';

/** Returns the completion script for bash 4.4 or later. It does not need bash-completion, and evaluates no typed or read text. */
export function bashScript(commands: readonly CompletionCommand[]): string {
  return `# Completion of vpn-monitor for bash: source <(vpn-monitor completion bash)

# Sets values: the possible values of "COMMAND OPTION" or "COMMAND INDEX-OF-ARGUMENT", as words or as @ and a kind.
_vpn_monitor_values() {
  case "$command $1" in
${commands.flatMap(valueCases).join('\n')}
  *) values='' ;;
  esac
}

_vpn_monitor_options() {
  case $command in
${commands.map(optionsCase).join('\n')}
  *) values='' ;;
  esac
}

# Completes with the names that "vpn-monitor complete-$1" prints.
_vpn_monitor_names() {
  local name quoted
  case $config in
  "'"*"'" | '"'*'"') config=\${config:1:-1} ;;
  '~/'*) config=$HOME/\${config:2} ;;
  esac
  config=\${config//\\\\/}
  while IFS= read -r name; do
    printf -v quoted %q "$name"
    # Readline would take the text after one of these for a word of its own.
    [[ $quoted == *[:=@]* ]] && continue
    [[ $quoted == "$current"* ]] && COMPREPLY+=("$quoted")
  done < <(vpn-monitor "complete-$1" \${config:+--config "$config"} 2>/dev/null)
}

_vpn_monitor() {
  local current=\${COMP_WORDS[COMP_CWORD]} word option='' values='' command='' config=''
  local -i i given=0
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $values ]]; then
      # Bash splits --config=FILE into three words.
      [[ $word == = ]] && continue
      [[ $option == -c || $option == --config ]] && config=$word
      values=''
    elif [[ $word == -* ]]; then
      option=$word
      _vpn_monitor_values "$option"
    elif [[ -z $command ]]; then
      command=$word
    else
      given+=1
    fi
  done
  if [[ -n $values ]]; then
    [[ $current == = ]] && current=''
  elif [[ $current == -* ]]; then
    _vpn_monitor_options
  else
    _vpn_monitor_values "$given"
  fi
  COMPREPLY=()
  case $values in
  # Readline completes these itself, with quotes.
  @files) compopt -o default ;;
  @folders) compopt -o dirnames ;;
  @sites | @channels) _vpn_monitor_names "\${values#@}" ;;
  @any) ;;
  *) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current") ;;
  esac
}

complete -F _vpn_monitor vpn-monitor
`;
}

function valueCases({ name, options, args }: CompletionCommand): string[] {
  const ofOptions = options.flatMap(({ flags, values }) =>
    values === undefined ? [] : [valueCase(flags.map((flag) => `'${name} ${flag}'`).join(' | '), values)],
  );
  const ofArguments = args.map(({ values, repeated }, index) =>
    valueCase(repeated ? `'${name} '[0-9]*` : `'${name} ${index}'`, values),
  );
  return [...ofOptions, ...ofArguments];
}

function valueCase(pattern: string, values: Values): string {
  return `  ${pattern}) values='${typeof values === 'string' ? `@${values}` : values.join(' ')}' ;;`;
}

function optionsCase({ name, options }: CompletionCommand): string {
  return `  '${name}') values='${options.flatMap(({ flags }) => flags).join(' ')}' ;;`;
}
