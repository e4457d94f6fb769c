import type { Argument, Command, Option } from 'commander';

/** What a value may be: files, folders, the sites of the config, anything, or one of these words. */
export type Values = 'files' | 'folders' | 'sites' | 'any' | readonly string[];

/** An option as a shell completes it. */
export interface CompletionOption {
  /** `-c` and `--config`, those that there are. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What follows it; `undefined`: it takes no value. */
  readonly values: Values | undefined;
}

/** An argument as a shell completes it. */
export interface CompletionArgument {
  /** As the help calls it. */
  readonly name: string;
  readonly values: Values;
  /** Whether it may be given any number of times. */
  readonly repeated: boolean;
}

/** A command as a shell completes it; the program itself, before a command is named, has the name ''. */
export interface CompletionCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletionOption[];
  readonly args: readonly CompletionArgument[];
}

/** Reads what the help shows of a program and of its commands: first the program itself, then they in their order. */
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
  const takesValue = option.required || option.optional;
  const placeholder = /[<[]([^\]>.]+)/.exec(option.flags)?.[1] ?? '';
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined).map(plainWord),
    description: option.description,
    values: takesValue ? valuesOf(placeholder, option.argChoices, commands) : undefined,
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
    case 'command':
      return commands;
    default:
      return 'any';
  }
}

/** A word that means nothing to a shell, in quotes or without: the scripts are made of these. */
function plainWord(word: string): string {
  if (!/^[\w-]+$/.test(word)) throw new Error(`${word} can't stand in a completion script`);
  return word;
}
