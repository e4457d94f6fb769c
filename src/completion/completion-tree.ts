import type { Argument, Command, Option } from 'commander';

/** The possible values: files, folders, the sites or the channels of the config, any text, or one of these words. */
export type Values = 'files' | 'folders' | 'sites' | 'channels' | 'any' | readonly string[];

/** An option, for a completion script. */
export interface CompletionOption {
  /** Its short and long form: `-c`, `--config`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Its values; `undefined` if it has no value. */
  readonly values: Values | undefined;
}

/** An argument, for a completion script. */
export interface CompletionArgument {
  /** Its name in the help. */
  readonly name: string;
  readonly values: Values;
  /** Whether it may be repeated. */
  readonly repeated: boolean;
}

/** A command, for a completion script. The program itself has the name ''. */
export interface CompletionCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletionOption[];
  readonly args: readonly CompletionArgument[];
}

/** Returns the program and its commands, in their order, as the help shows them. Throws for a name that a shell could misread. */
export function completionTree(program: Command): readonly [CompletionCommand, ...CompletionCommand[]] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => plainWord(command.name()));
  const read = (command: Command, name: string, args: readonly CompletionArgument[]) => ({
    name,
    description: command.description(),
    options: help.visibleOptions(command).map((option) => readOption(option, names)),
    args,
  });
  return [
    read(program, '', [{ name: 'command', values: names, repeated: false }]),
    ...commands.map((command) =>
      read(
        command,
        plainWord(command.name()),
        command.registeredArguments.map((argument) => readArgument(argument, names)),
      ),
    ),
  ];
}

function readOption(option: Option, commands: readonly string[]): CompletionOption {
  const hasValue = option.required || option.optional;
  const placeholder = /[<[]([^\]>.]+)/.exec(option.flags)?.[1] ?? '';
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined).map(plainWord),
    description: option.description,
    values: hasValue ? valuesOf(placeholder, option.argChoices, commands) : undefined,
  };
}

function readArgument(argument: Argument, commands: readonly string[]): CompletionArgument {
  const name = argument.name();
  return {
    name,
    values: valuesOf(name, argument.argChoices, commands),
    repeated: argument.variadic,
  };
}

function valuesOf(
  placeholder: string,
  choices: readonly string[] | undefined,
  commands: readonly string[],
): Values {
  if (choices !== undefined) return choices.map(plainWord);
  switch (placeholder.toLowerCase()) {
    case 'file':
      return 'files';
    case 'folder':
    case 'dir':
      return 'folders';
    case 'site':
      return 'sites';
    case 'channel':
      return 'channels';
    case 'command':
      return commands;
    default:
      return 'any';
  }
}

/** Returns the word. Throws if it has a special meaning to a shell: the scripts contain it without quotes too. */
function plainWord(word: string): string {
  if (!/^[\w-]+$/.test(word)) throw new Error(`${word} can't be used in a completion script`);
  return word;
}
