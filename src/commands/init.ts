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
import { listenForStop, Stopped, signalStatus } from '../process/stop.ts';
import { openQuestions } from '../ui/questions.ts';
import { shellWord } from '../words/shell-word.ts';
import { EXIT, type Shell } from './shell.ts';

const EXAMPLE = fileURLToPath(new URL('../../config.example.yml', import.meta.url));
/** With a password in it, only its owner may read it. */
const MODE = 0o600;
/** A name server that has not answered by then does not, in ms. */
const RESOLVE_MS = 5000;

/** What `init` takes. */
export interface InitOptions {
  /** The folder for config.yml, as typed; made if it is missing. The current one, if neither this nor `config` is said. */
  readonly dir: string | undefined;
  /** The file itself, as typed. */
  readonly config: string | undefined;
  /** Writes the example as it is and asks nothing. */
  readonly yes: boolean;
}

/**
 * Writes a new config.yml: the example, with what is answered on the terminal in place of its values. 0: written; 2: not
 * on a terminal, or there is one already, or it can't be written; 130, 143: cut short, nothing was written.
 */
export async function init({ dir, config, yes }: InitOptions, shell: Shell): Promise<number> {
  const { screen, system, keyboard } = shell;
  const { files } = system;
  const said = config ?? path.join(dir ?? '.', 'config.yml');
  const file = path.resolve(said);
  const refuse = (why: string) => {
    screen.diagnose(`error: ${why}`);
    return EXIT.usage;
  };
  if (dir !== undefined && config !== undefined) {
    return refuse('DIR and --config both say where the config is to be: name one of them');
  }
  try {
    if (dir !== undefined && /\.ya?ml$/i.test(dir) && !isFolder(dir, files)) {
      return refuse(`DIR is a folder, and ${dir} looks like a file: name it with --config ${shellWord(dir)}`);
    }
    if (files.lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
      return refuse(`${file} is there already; it was left as it is`);
    }
    // Before anything is asked, not after it.
    files.accessSync(existingPart(path.dirname(file), files), files.constants.W_OK);
  } catch (error) {
    return refuse(`${file} can't be written: ${reason(error)}`);
  }
  const onTerminal = keyboard.input.isTTY === true && keyboard.output.isTTY === true;
  if (!yes && !onTerminal) {
    return refuse('init asks on a terminal, and this is none; --yes writes the example, to be edited');
  }
  const example = files.readFileSync(EXAMPLE, 'utf8');
  const answers = yes ? {} : await askOnTerminal(example, file, shell);
  if (typeof answers === 'number') return answers;
  try {
    createFile(files, file, composeConfig(example, answers), MODE);
  } catch (error) {
    return refuse(`${file} can't be written: ${reason(error)}`);
  }
  sayWhatIsNext(said, yes, answers, shell);
  return EXIT.good;
}

/** The answers, or the exit status of what was cut short. */
async function askOnTerminal(example: string, file: string, shell: Shell): Promise<Answers | number> {
  const { screen, system, keyboard, signals, version } = shell;
  const stop = listenForStop(signals, system);
  const questions = openQuestions(keyboard, stop.signal, () => signals.emit('SIGINT', 'SIGINT'));
  screen.print(`This makes ${file}. Enter takes what is in [brackets]; ^C ends it, and nothing is written.`);
  try {
    return await interview({
      ask: questions.ask,
      say: screen.print,
      load: (answers) =>
        readConfigText(
          composeConfig(example, answers),
          { file, mode: MODE },
          // A file that it names may come later.
          { files: system.files, env: system.env, clients: PROFILES, configOnly: true },
        ),
      hasCommand: (command) => system.findCommand(command) !== undefined,
      look: {
        client: (client) => screen.print(inWords(checkClient(client, system), screen)),
        host: async (host) => {
          if ((await addressesOf(system, host, RESOLVE_MS, stop.signal)).length > 0) return;
          screen.print(inWords(warning(`${host} was not resolved`), screen));
        },
        file: (name) => {
          const named = path.resolve(path.dirname(file), name);
          const readable = checkReadable(system.files, named);
          if (readable.ok) return;
          screen.print(inWords(warning(`${named} can't be read yet: ${readable.why}`), screen));
        },
        mail: async (config) => {
          screen.status('looking at the mail server');
          const findings = await checkMail(config, system, version, stop.signal);
          screen.status(null);
          for (const finding of findings) screen.print(inWords(finding, screen));
          stop.signal.throwIfAborted();
        },
      },
      hostname: system.hostname,
    });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    screen.diagnose('nothing was written');
    return signalStatus(stop.signal);
  } finally {
    screen.status(null);
    questions.end();
    stop.end();
  }
}

function isFolder(dir: string, files: typeof nodeFs): boolean {
  return files.statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
}

function sayWhatIsNext(said: string, yes: boolean, answers: Answers, shell: Shell): void {
  const { screen, system } = shell;
  // npx says so; what it runs is not in PATH.
  const program = system.env['npm_command'] === 'exec' ? 'npx vpn-monitor' : 'vpn-monitor';
  const file = path.resolve(said);
  const config = file === path.resolve('config.yml') ? '' : ` -c ${shellWord(said)}`;
  const site = shellWord(answers.name ?? 'site1');
  const next = [
    ['check', 'is everything there?'],
    answers.server === null ? ['run', 'tests until it is stopped'] : ['test-mail', 'sends one mail'],
    [`once ${site}`, 'tests the site once'],
  ];
  const commands = next.map(([command = '', what = '']) => [`${program} ${command}${config}`, what] as const);
  const width = Math.max(...commands.map(([command]) => command.length));
  const lines = commands.map(([command, what]) => `  ${command.padEnd(width)}   # ${what}`);
  const all = yes ? 'Edit it; every key is explained in it.' : 'What else can be set is explained in it.';
  screen.print(`\nWrote ${file}, which only you may read. ${all} Next:\n${lines.join('\n')}`);
}
