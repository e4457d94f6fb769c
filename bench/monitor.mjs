import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Waits until `condition`, asked every `everyMs`, gives something true; throws after `seconds`. */
export async function until(what, condition, { seconds = 30, everyMs = 5 } = {}) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(everyMs);
  }
}

/**
 * Where monitors run.
 *
 * @typedef {object} Place
 * @property {string} folder
 * @property {string} programs comes first in PATH
 * @property {boolean} realProfile whether the real client's profile may be used
 * @property {Monitor[]} monitors all that were started
 */

/** A monitor with a folder, a config and notes of its own. */
export class Monitor {
  /**
   * @param {Place} place
   * @param {string} name
   */
  constructor(place, name) {
    this.place = place;
    this.folder = path.join(place.folder, name);
    mkdirSync(this.folder);
    writeFileSync(this.at('resolv.conf'), 'nameserver 192.0.2.53\n');
    writeFileSync(this.at('pings'), '');
    writeFileSync(this.at('clients'), '');
  }

  /** @param {{ sites: readonly { gateway: string; realProfile: boolean; enabled?: boolean }[]; frequency: number; metricsPort?: number }} config */
  configure({ sites, frequency, metricsPort }) {
    const { programs, realProfile } = this.place;
    const command = (name) => path.join(programs, name);
    const clients = [`demo: { command: ${command('other-client')} }`];
    if (realProfile) clients.push(`startct: { command: ${command('startct')} }`);
    const lines = sites.map((site, index) => {
      // The name tells the client how to behave, and its notes from those of others.
      const name = `${site.gateway}-${index}`;
      const client = site.realProfile && realProfile ? 'startct' : 'demo';
      return `  ${name}: { external_ip: 127.0.0.1, vpn_gw: ${name}, internal_ip: 127.0.0.1, username: monitor, password: bench-1234, realm: corp, timeout: 60, client: ${client}, enabled: ${site.enabled !== false} }`;
    });
    const metrics =
      metricsPort === undefined
        ? ''
        : `metrics: { listen: "127.0.0.1:${metricsPort}", textfile: vpn-monitor.prom }\n`;
    const text = `${metrics}frequency: ${frequency}
logging: { dir: results, file: result }
dns: { file: resolv.conf }
clients: { ${clients.join(', ')} }
sites:
${lines.join('\n')}
`;
    this.write(text);
  }

  /** @param {string} text of config.yml */
  write(text) {
    writeFileSync(this.at('config.yml'), text, { mode: 0o600 });
  }

  /**
   * Starts it. What it prints goes to a file, as it goes to the journal in service.
   *
   * @param {Record<string, string>} env added to its environment
   * @param {readonly string[]} options of Node
   */
  start(env = {}, options = []) {
    const output = openSync(this.at('output'), 'a');
    this.startedAt = Date.now();
    this.child = spawn(process.execPath, [...options, PROGRAM, 'run', '-c', this.at('config.yml')], {
      env: {
        PATH: `${this.place.programs}:${process.env.PATH}`,
        HOME: this.folder,
        LANG: 'C',
        BENCH_NOTES: this.folder,
        ...env,
      },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.pid = this.child.pid;
    this.place.monitors.push(this);
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
  }

  /** Its exit status; `null` if a signal ended it. */
  async stop() {
    this.child.kill('SIGTERM');
    await this.ended;
    return this.child.exitCode;
  }

  kill() {
    this.child.kill('SIGKILL');
  }

  /** This; fails if the monitor has ended by itself. */
  expectRunning() {
    if (this.child.exitCode === null && this.child.signalCode === null) return this;
    throw new Error(`the monitor ended:\n${this.output().slice(-2000)}`);
  }

  /** The rows on disk. */
  rows() {
    const results = this.at('results');
    if (!existsSync(results)) return [];
    return readdirSync(results)
      .filter((name) => name.endsWith('.csv'))
      .sort()
      .flatMap((name) => readFileSync(path.join(results, name), 'utf8').split('\n').slice(1, -1))
      .map((line) => line.split(','));
  }

  /** What programs/ping noted: ms since 1970, and ms. */
  pings() {
    return this.#notes('pings').map(([began, own]) => ({
      began: Number(began) / 1000,
      own: Number(own) / 1000,
    }));
  }

  /** What programs/startct noted, in ms. */
  clients() {
    return this.#notes('clients').map(([gateway, beforeConnect, afterQuit]) => ({
      gateway,
      beforeConnect: Number(beforeConnect) / 1000,
      afterQuit: Number(afterQuit) / 1000,
    }));
  }

  /** A file in its folder. */
  at(name) {
    return path.join(this.folder, name);
  }

  /** What it has printed. */
  output() {
    return this.#read('output');
  }

  #read(name) {
    return readFileSync(this.at(name), 'utf8');
  }

  #notes(name) {
    return this.#read(name)
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' '));
  }
}
