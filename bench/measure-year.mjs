// What a report of a year costs, and status and the live page on the same files.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDays } from '../test/support/written-days.mjs';
import { measurePage } from './measure-page.mjs';
import { activity, memory } from './process.mjs';

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/**
 * Writes the files of a year and uses them. Times and CPU are in ms, memory is the highest RSS in MB.
 *
 * @param {{ sites: number, frequency: number }} options `frequency`: seconds from one test of a site to the next
 */
export async function measureYear({ sites: count, frequency }) {
  const sites = Array.from({ length: count }, (_, index) => `site${index + 1}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-year-'));
  try {
    const to = new Date(Math.floor(Date.now() / 1000) * 1000);
    const from = new Date(to.getTime() - 365 * 86_400_000);
    const rows = writeDays({ folder, sites, from, to, frequency, gapsPerDay: 0.005 });
    writeFileSync(path.join(folder, 'config.yml'), configText(sites, frequency), { mode: 0o600 });
    const output = path.join(folder, 'report.html');
    const day = from.toISOString().slice(0, 10);
    const report = await measure(folder, ['report', '--from', day, '--output', output]);
    const status = await measure(folder, ['status']);
    const page = await measurePage({ folder, sites, frequency });
    return { sites: count, rows, report: { ...report, bytes: statSync(output).size }, status, page };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command of the program to its end. */
async function measure(folder, args) {
  const began = performance.now();
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more) => {
    text += more;
  });
  let [highest, ticks] = [0, 0];
  const looks = setInterval(() => {
    try {
      highest = Math.max(highest, memory(child.pid).highest || 0);
      ticks = Math.max(ticks, activity(child.pid).ticks);
    } catch {
      // It has just ended.
    }
  }, 10);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(looks);
  // A status says by 1 that a site is down.
  if (code !== 0 && args[0] !== 'status') throw new Error(`${args[0]} ended with ${code}: ${text}`);
  return { ms: performance.now() - began, cpu: ticks * 10, memory: highest / 1024, characters: text.length };
}

function configText(sites, frequency) {
  const site =
    'external_ip: 192.0.2.1, vpn_gw: a.example, realm: r, username: u, password: "p", internal_ip: 192.0.2.2, timeout: 60';
  return `frequency: ${frequency}\nlogging: { dir: ., file: result }\nsites:\n${sites.map((name) => `  ${name}: { ${site} }\n`).join('')}`;
}
