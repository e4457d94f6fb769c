import os from 'node:os';
import path from 'node:path';
import { demoConfig } from '../demo/demo-config.ts';
import { type MailSink, openMailSink } from '../demo/mail-sink.ts';
import { makeFolder } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import { commandName } from '../process/command-name.ts';
import { shellWord } from '../words/shell-word.ts';
import { startWithConfig } from './load-config.ts';
import { report } from './report.ts';
import { runMonitor } from './run.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';
import { status } from './status.ts';

const CYCLES = 3;

/** The options of `demo`, which has its own config. */
export interface DemoOptions extends Pick<CommonOptions, 'logLevel'> {
  /** A new or empty folder; `undefined`: a new temporary folder. */
  readonly dir: string | undefined;
}

/**
 * Runs three cycles over six simulated sites on loopback, with a simulated client and a mail server of its own. Then prints
 * the results. Exit status: 0: done; 2: the folder can't be used; 130 or 143: interrupted by a signal.
 */
export async function demo({ dir, logLevel }: DemoOptions, shell: Shell): Promise<number> {
  const { screen, system } = shell;
  let folder: string;
  let sink: MailSink;
  const { files } = system;
  try {
    folder =
      dir === undefined
        ? files.mkdtempSync(path.join(os.tmpdir(), 'vpn-monitor-demo-'))
        : makeEmpty(dir, files);
    sink = await openMailSink(path.join(folder, 'mails'), files);
  } catch (error) {
    screen.diagnose(`error: ${dir ?? os.tmpdir()}: ${reason(error)}`);
    return EXIT.usage;
  }
  try {
    const config = path.join(folder, 'config.yml');
    files.writeFileSync(config, demoConfig(sink.port, path.join(folder, 'log-ins')), {
      mode: 0o600,
      flag: 'wx',
    });
    screen.print(`Six sites, ${CYCLES} cycles, about 45 s. All files are in ${folder}\n`);
    const started = startWithConfig(config, shell);
    if (!started.ok) return started.status;
    const status = await runMonitor(started.value, { config, logLevel, cycles: CYCLES }, shell);
    if (status !== EXIT.good) return status;
    showResults(folder, sink, shell);
    await showHistory(folder, shell);
    showNext(folder, shell);
    return EXIT.good;
  } finally {
    await sink.close();
  }
}

function makeEmpty(dir: string, files: typeof import('node:fs')): string {
  const folder = path.resolve(dir);
  makeFolder(files, folder);
  if (files.readdirSync(folder).length > 0) throw new Error('the folder is not empty');
  return folder;
}

/** Prints the CSV file, and the first and the last mail. */
function showResults(folder: string, { mails }: MailSink, { screen, system }: Shell): void {
  const { files } = system;
  const results = path.join(folder, 'results');
  const show = (file: string, title: string, readable = (text: string) => text) => {
    screen.print(`\n${screen.paint('strong', `${title}: ${file}`)}`);
    screen.print(readable(files.readFileSync(file, 'utf8')).trimEnd());
  };
  for (const name of files.readdirSync(results)) {
    if (name.endsWith('.csv')) show(path.join(results, name), 'The rows');
  }
  const [first, last] = [mails[0], mails.at(-1)];
  if (first !== undefined) show(first, `The first of ${mails.length} mails`, readableMail);
  if (last !== undefined && last !== first) show(last, 'The last one, at a recovery', readableMail);
}

/** Prints the status, and writes a report. */
async function showHistory(folder: string, shell: Shell): Promise<void> {
  const { screen } = shell;
  const common = { config: path.join(folder, 'config.yml'), logLevel: undefined };
  screen.print(`\n${screen.paint('strong', 'What `status` shows now')}`);
  await status({ ...common, sites: [], json: false, watch: false }, shell);
  screen.print(`\n${screen.paint('strong', 'A page to open in a browser')}`);
  const output = path.join(folder, 'report.html');
  await report(
    {
      ...common,
      from: undefined,
      to: undefined,
      title: 'Demo',
      target: undefined,
      output,
      summary: undefined,
    },
    shell,
  );
}

/** Prints what may be typed next, as it has to be typed here. */
function showNext(folder: string, { screen, system }: Shell): void {
  const command = commandName(process.argv[1] ?? 'vpn-monitor', system.env['PATH'], process.cwd());
  const config = shellWord(path.join(folder, 'config.yml'));
  screen.print(`
The log:  ${path.join(folder, 'results', 'monitoring.log')}
Try:      ${command} once works -c ${config}
          ${command} status recovers -c ${config}
Next:     ${command} init    creates your own config
          ${command} check   says what is missing`);
}

/** Returns the text of a mail with the header lines that a mail program shows. Decodes quoted-printable (RFC 2045, 6.7). */
function readableMail(mail: string): string {
  const [head = '', ...body] = mail.replaceAll('\r\n', '\n').split('\n\n');
  const shown = head.split('\n').filter((line) => /^(?:From|To|Date|Subject): /.test(line));
  const text = body
    .join('\n\n')
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return `${shown.join('\n')}\n\n${Buffer.from(text, 'latin1').toString('utf8')}`;
}
