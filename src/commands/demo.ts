import os from 'node:os';
import path from 'node:path';
import { demoConfig } from '../demo/demo-config.ts';
import { type MailSink, openMailSink } from '../demo/mail-sink.ts';
import { makeFolder } from '../files/folder.ts';
import { reason } from '../files/reason.ts';
import { startWithConfig } from './load-config.ts';
import { runMonitor } from './run.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

const CYCLES = 3;

/** The options of `demo`, which has its own config. */
export interface DemoOptions extends Pick<CommonOptions, 'logLevel'> {
  /** A new or empty folder; `undefined`: a new temporary folder. */
  readonly dir: string | undefined;
}

/**
 * Runs three cycles over five simulated sites on loopback, with a simulated client and a mail server of its own. Then prints
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
    files.writeFileSync(config, demoConfig(sink.port), { mode: 0o600, flag: 'wx' });
    screen.print(`Five sites, ${CYCLES} cycles, about 45 s. All files are in ${folder}\n`);
    const started = startWithConfig(config, shell);
    if (!started.ok) return started.status;
    const status = await runMonitor(started.value, { config, logLevel, cycles: CYCLES }, shell);
    if (status !== EXIT.good) return status;
    showResults(folder, sink, shell);
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

/** Prints the CSV file, one mail, and where the other files are. */
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
  const [first] = mails;
  if (first !== undefined) show(first, `One of ${mails.length} mails`, unquoted);
  screen.print(`
The log:    ${path.join(results, 'monitoring.log')}
The config: ${path.join(folder, 'config.yml')}   (try: vpn-monitor once -c ${path.join(folder, 'config.yml')})
Next:       vpn-monitor init creates your own config; then run vpn-monitor check`);
}

/** Decodes the quoted-printable encoding of a mail (RFC 2045, 6.7). */
function unquoted(mail: string): string {
  const text = mail.replaceAll('\r\n', '\n').replaceAll('=\n', '');
  return Buffer.from(
    text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}
