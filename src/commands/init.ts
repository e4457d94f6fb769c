import type nodeFs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inWords } from '../check/finding.ts';
import { PROFILES } from '../clients/built-in.ts';
import { readConfigText } from '../config/load.ts';
import { createFile } from '../files/create-file.ts';
import { existingPart } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import { type Answers, givenAt, YES } from '../init/answers.ts';
import { composeConfig } from '../init/compose-config.ts';
import { interview } from '../init/interview.ts';
import { lookAt, showCertificate } from '../init/looks.ts';
import { failed, good, type Result } from '../model/result.ts';
import { listenForStop, Stopped, signalStatus } from '../process/stop.ts';
import { openQuestions } from '../ui/questions.ts';
import { shellWord } from '../words/shell-word.ts';
import { printNextSteps, tryOut } from './new-config.ts';
import { EXIT, type Shell } from './shell.ts';

const EXAMPLE = fileURLToPath(new URL('../../config.example.yml', import.meta.url));
/** The config may hold a password, so only its owner may read it. */
const MODE = 0o600;

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
 * Writes a new config.yml: the example, with the user's answers in place of its values. If the user
 * wants it, then sends a test mail and tests each site. Exit status: 0: written, whatever these tests found; 2: not on a terminal, or the
 * file exists or can't be written; 130 or 143: a signal interrupted the questions, and nothing was written, or the tests.
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
  const asked: Asked = yes ? good(new Map()) : await askOnTerminal(example, file, shell);
  if (!asked.ok) return asked.status;
  try {
    createFile(files, file, composeConfig(example, asked.value), MODE);
  } catch (error) {
    return refuse(`${file} can't be written: ${reason(error)}`);
  }
  printNextSteps(typed, yes, asked.value, shell);
  return givenAt(asked.value, 'end').test === YES ? tryOut(typed, asked.value, shell) : EXIT.good;
}

/** The answers; or, if a signal interrupted the questions, the exit status. */
type Asked = Result<Answers, string, { readonly status: number }>;

async function askOnTerminal(example: string, file: string, shell: Shell): Promise<Asked> {
  const { screen, system, keyboard, signals, version } = shell;
  const stop = listenForStop(signals, system);
  const questions = openQuestions(keyboard, stop.signal, () => signals.emit('SIGINT', 'SIGINT'));
  screen.print(
    `This creates ${file}. Press Enter to accept the value in [brackets], < to go back, ^C to stop without writing.`,
  );
  const load = (answers: Answers) =>
    readConfigText(
      composeConfig(example, answers),
      { file, mode: MODE },
      // The files that it names need not exist yet.
      { files: system.files, env: system.env, clients: PROFILES, configOnly: true },
    );
  const configOf = (answers: Answers) => {
    const loaded = load(answers);
    return loaded.ok ? loaded.config : undefined;
  };
  const [site] = configOf(new Map())?.sites ?? [];
  if (site === undefined) throw new Error('the example is not a valid config');
  const parts = { system, screen, version, file };
  try {
    const answers = await interview({
      ask: questions.ask,
      say: screen.print,
      load,
      facts: {
        hostname: system.hostname,
        hasCommand: (command) => system.findCommand(command) !== undefined,
        example: site,
      },
      look: async (look, answers) => {
        const findings = await lookAt(look, () => configOf(answers), parts, stop.signal);
        for (const finding of findings) screen.print(inWords(finding, screen));
      },
      showCertificate: (site) => showCertificate(site, parts, stop.signal),
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
