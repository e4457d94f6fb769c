import type nodeFs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkClient } from '../check/check-clients.ts';
import { checkMail } from '../check/check-mail.ts';
import { inWords, warning } from '../check/finding.ts';
import { PROFILES } from '../clients/built-in.ts';
import { readConfigText } from '../config/load.ts';
import { createFile } from '../files/create-file.ts';
import { existingPart } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import { checkReadable } from '../files/small-file.ts';
import { addressesOf } from '../host/network/addresses.ts';
import { type Answers, composeConfig } from '../init/compose-config.ts';
import { interview } from '../init/interview.ts';
import { failed, good, type Result } from '../model/result.ts';
import { listenForStop, Stopped, signalStatus } from '../process/stop.ts';
import { openQuestions } from '../ui/questions.ts';
import { shellWord } from '../words/shell-word.ts';
import { EXIT, type Shell } from './shell.ts';

const EXAMPLE = fileURLToPath(new URL('../../config.example.yml', import.meta.url));
/** The config may hold a password, so only its owner may read it. */
const MODE = 0o600;
/** How long to wait for a name server, in ms. */
const RESOLVE_MS = 5000;

/** The options of `init`. */
export interface InitOptions {
  /** The folder for config.yml, as typed; created if missing. The current folder, if neither this nor `config` is given. */
  readonly dir: string | undefined;
  /** The config file, as typed; not together with `dir`. */
  readonly config: string | undefined;
  /** Whether to write the example unchanged and ask nothing. */
  readonly yes: boolean;
}

/**
 * Writes a new config.yml: the example, with the user's answers in place of its values. Exit status: 0: written; 2: not on a
 * terminal, or the file exists or can't be written; 130 or 143: interrupted by a signal, and nothing was written.
 */
export async function init({ dir, config, yes }: InitOptions, shell: Shell): Promise<number> {
  const { screen, system, keyboard } = shell;
  const { files } = system;
  const typed = config ?? path.join(dir ?? '.', 'config.yml');
  const file = path.resolve(typed);
  const refuse = (why: string) => {
    screen.diagnose(`error: ${why}`);
    return EXIT.usage;
  };
  if (dir !== undefined && config !== undefined) {
    return refuse('DIR and --config both name the place of the config: use only one of them');
  }
  try {
    if (dir !== undefined && /\.ya?ml$/i.test(dir) && !isFolder(dir, files)) {
      return refuse(`DIR must be a folder, but ${dir} looks like a file: use --config ${shellWord(dir)}`);
    }
    if (files.lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
      return refuse(`${file} already exists; it was not changed`);
    }
    // Checked before the questions, so that no answers are wasted.
    files.accessSync(existingPart(path.dirname(file), files), files.constants.W_OK);
  } catch (error) {
    return refuse(`${file} can't be written: ${reason(error)}`);
  }
  const onTerminal = keyboard.input.isTTY === true && keyboard.output.isTTY === true;
  if (!yes && !onTerminal) {
    return refuse(
      'init needs a terminal to ask its questions; --yes writes the example config for you to edit',
    );
  }
  const example = files.readFileSync(EXAMPLE, 'utf8');
  const asked = yes ? good({}) : await askOnTerminal(example, file, shell);
  if (!asked.ok) return asked.status;
  try {
    createFile(files, file, composeConfig(example, asked.value), MODE);
  } catch (error) {
    return refuse(`${file} can't be written: ${reason(error)}`);
  }
  printNextSteps(typed, yes, asked.value, shell);
  return EXIT.good;
}

/** The answers; or, if a signal interrupted the questions, the exit status. */
type Asked = Result<Answers, string, { readonly status: number }>;

async function askOnTerminal(example: string, file: string, shell: Shell): Promise<Asked> {
  const { screen, system, keyboard, signals, version } = shell;
  const stop = listenForStop(signals, system);
  const questions = openQuestions(keyboard, stop.signal, () => signals.emit('SIGINT', 'SIGINT'));
  screen.print(
    `This creates ${file}. Press Enter to accept the value in [brackets], ^C to stop without writing.`,
  );
  try {
    const answers = await interview({
      ask: questions.ask,
      say: screen.print,
      load: (answers) =>
        readConfigText(
          composeConfig(example, answers),
          { file, mode: MODE },
          // The files that it names need not exist yet.
          { files: system.files, env: system.env, clients: PROFILES, configOnly: true },
        ),
      hasCommand: (command) => system.findCommand(command) !== undefined,
      look: {
        client: (client) => screen.print(inWords(checkClient(client, system), screen)),
        host: async (host) => {
          if ((await addressesOf(system, host, RESOLVE_MS, stop.signal)).length > 0) return;
          screen.print(inWords(warning(`${host} can't be resolved`), screen));
        },
        file: (name) => {
          const named = path.resolve(path.dirname(file), name);
          const readable = checkReadable(system.files, named);
          if (readable.ok) return;
          screen.print(inWords(warning(`${named} can't be read yet: ${readable.why}`), screen));
        },
        mail: async (config) => {
          screen.status('checking the mail server');
          const findings = await checkMail(config, system, version, stop.signal, (words) =>
            screen.status(`mail server ${words}`),
          );
          screen.status(null);
          for (const finding of findings) screen.print(inWords(finding, screen));
          stop.signal.throwIfAborted();
        },
      },
      hostname: system.hostname,
    });
    return good(answers);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const why = 'nothing was written';
    screen.diagnose(why);
    return { ...failed(why), status: signalStatus(stop.signal) };
  } finally {
    screen.status(null);
    questions.end();
    stop.end();
  }
}

function isFolder(dir: string, files: typeof nodeFs): boolean {
  return files.statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
}

function printNextSteps(typed: string, yes: boolean, answers: Answers, shell: Shell): void {
  const { screen, system } = shell;
  // npx sets this variable. A program that it runs is not in PATH.
  const program = system.env['npm_command'] === 'exec' ? 'npx vpn-monitor' : 'vpn-monitor';
  const file = path.resolve(typed);
  const config = file === path.resolve('config.yml') ? '' : ` -c ${shellWord(typed)}`;
  const site = shellWord(answers.name ?? 'site1');
  const next = [
    ['check', 'checks the config and this host'],
    answers.server === null ? ['run', 'tests until it is stopped'] : ['test-notify', 'sends one mail'],
    [`once ${site}`, 'tests the site once'],
  ];
  const commands = next.map(([command = '', what = '']) => [`${program} ${command}${config}`, what] as const);
  const width = Math.max(...commands.map(([command]) => command.length));
  const lines = commands.map(([command, what]) => `  ${command.padEnd(width)}   # ${what}`);
  const hint = yes ? 'Edit it; comments explain every key.' : 'Comments in it explain all other settings.';
  screen.print(`\nWrote ${file}, which only you may read. ${hint} Next:\n${lines.join('\n')}`);
}
