import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type MockInstance, onTestFinished, vi } from 'vitest';
import type { Shell } from '../../src/commands/shell.ts';
import type { ServiceEnvironment } from '../../src/service/environment.ts';
import { realSystem } from '../../src/system/real-system.ts';
import type { System } from '../../src/system/system.ts';
import type { Keyboard } from '../../src/ui/questions.ts';
import { PATH } from '../support/paths.ts';
import { type RecordingScreen, recordingOutput, recordingScreen } from '../support/recording-screen.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLIENT = fileURLToPath(new URL('../fixtures/startct', import.meta.url));

/** What all sites share: loopback, and the client that takes nothing of the host. */
const SITE =
  'external_ip: 127.0.0.1, internal_ip: 127.0.0.1, username: monitor, password: s3cr3t-pass, realm: corp, timeout: 60, client: demo';
const DEFAULTS = {
  frequency: '600',
  logging: '{ dir: results, file: result }',
  clients: '{ demo: { command: ./simulated-client } }',
  ping: '{ count: 1, timeout: 30 }',
};

/** Keys of a config, with their values in YAML. */
export type Keys = Readonly<Record<string, string>>;

/** A folder with a config and a simulated client that takes nothing of the host. */
export interface Home {
  readonly folder: string;
  /** The config's path. */
  readonly config: string;
  at(...names: string[]): string;
  /** Writes the config: `sites` maps names to the simulated client's behaviours, `more` are further keys of the top. */
  write(sites: Keys, more?: Keys): void;
  /** The lines of all CSV files without their first, from the site's name on, numbers as `N`. */
  rows(): string[];
  log(): string;
  /** What was typed at the client, as `key=value`. */
  typed(): string[];
}

/** Makes a {@link Home} with one site that works; it is removed when the test ends. */
export function createHome(sites: Keys = { site1: 'works' }, more: Keys = {}): Home {
  const folder = temporaryFolder();
  const at = (...names: string[]) => path.join(folder, ...names);
  // Under a name of its own: what looks for leftover startct must not find it.
  fs.copyFileSync(CLIENT, at('simulated-client'));
  const read = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
  const home: Home = {
    folder,
    config: at('config.yml'),
    at,
    write: (sites, more = {}) => {
      const all = `x-all: &all { ${SITE} }`;
      const list = Object.entries(sites).map(
        ([name, gateway]) => `  ${name}: { <<: *all, vpn_gw: ${gateway} }`,
      );
      const rest = Object.entries({ ...DEFAULTS, ...more }).map(([key, value]) => `${key}: ${value}`);
      fs.writeFileSync(home.config, [all, 'sites:', ...list, ...rest, ''].join('\n'), { mode: 0o600 });
    },
    rows: () => {
      if (!fs.existsSync(at('results'))) return [];
      const files = fs.readdirSync(at('results')).filter((name) => name.endsWith('.csv'));
      return files
        .flatMap((name) => fs.readFileSync(at('results', name), 'utf8').split('\n').slice(1, -1))
        .map((line) =>
          line
            .split(',')
            .slice(1)
            .join(',')
            .replace(/\d+\.\d{3}/g, 'N'),
        );
    },
    log: () => read(at('results', 'monitoring.log')),
    typed: () => read(at('typed')).split('\n').slice(0, -1),
  };
  home.write(sites, more);
  return home;
}

/** The addresses of a name, without a question to a name server. */
async function onlyLoopback(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  return host === 'localhost' ? ['127.0.0.1'] : [];
}

/** A shell whose screen is recorded and whose signals a test sends. */
export interface RecordingShell extends Shell {
  readonly screen: RecordingScreen;
  send(signal: NodeJS.Signals): void;
}

/** How a {@link RecordingShell} differs from that of a service. */
export interface ShellOptions {
  /** With it both outputs are a terminal of that width. */
  readonly columns?: number;
  readonly keyboard?: Keyboard;
  readonly onTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly system?: Partial<System>;
  readonly service?: ServiceEnvironment;
}

/** Makes a {@link RecordingShell} on the real machine. What the client is typed goes to the home's file. */
export function createShell(home?: Home, options: ShellOptions = {}): RecordingShell {
  const signals = new EventEmitter();
  const typed = home === undefined ? {} : { SIM_TYPED: home.at('typed') };
  return {
    system: { ...realSystem({ PATH, ...typed, ...options.env }), resolve: onlyLoopback, ...options.system },
    screen: recordingScreen(options.columns),
    keyboard: options.keyboard ?? { input: new PassThrough(), output: recordingOutput() },
    signals,
    endOnSignal: () => undefined,
    send: (signal) => void signals.emit(signal, signal),
    onTerminal: options.onTerminal ?? false,
    service: options.service,
    version: '1.2.3',
  };
}

/** Keeps what is written to this process's stderr, where the log goes of a program without a terminal. */
export function catchStderr(): () => string {
  const spy: MockInstance = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => spy.mockRestore());
  return () => spy.mock.calls.map(([text]) => String(text)).join('');
}

/** The options that every command takes. */
export function common(home: Home) {
  return { config: home.config, logLevel: undefined };
}
