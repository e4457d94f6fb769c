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

/** What `demo` takes; it brings its own config. */
export interface DemoOptions extends Pick<CommonOptions, 'logLevel'> {
  /** A new or empty folder; `undefined`: a new one in the temporary folder. */
  readonly dir: string | undefined;
}

/**
 * The whole job with nothing to install or configure: five sites on loopback, a simulated client, a mail server, three
 * cycles. Ends by itself and says where everything lies. 0: done; 2: the folder can't be used; 130, 143: cut short.
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
    screen.print(`Five sites, ${CYCLES} cycles, about 45 s. Everything lies in ${folder}\n`);
    const started = startWithConfig(config, shell);
    if ('status' in started) return started.status;
    const status = await runMonitor(started, { config, logLevel, cycles: CYCLES }, shell);
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

/** The CSV and a mail, as they lie in the folder. */
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
Next:       vpn-monitor init makes a config of your own, by asking; then: vpn-monitor check`);
}

/** A mail as a mail program shows it: without the quoted-printable encoding (RFC 2045, 6.7). */
function unquoted(mail: string): string {
  const text = mail.replaceAll('\r\n', '\n').replaceAll('=\n', '');
  return Buffer.from(
    text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}
