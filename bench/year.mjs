// Measures what a report of a year costs, and status and the live page on the same files: node bench/year.mjs (after npm run build)
//   --sites N   sites (20)      --frequency S   seconds from one test of a site to the next (600)
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeDays } from '../test/support/written-days.mjs';
import { measurePage } from './measure-page.mjs';
import { activity, memory } from './process.mjs';
import { conditions } from './report.mjs';

const { values } = parseArgs({
  options: { sites: { type: 'string', default: '20' }, frequency: { type: 'string', default: '600' } },
});
const sites = Array.from({ length: Number(values.sites) }, (_, index) => `site${index + 1}`);
const frequency = Number(values.frequency);
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-year-'));
try {
  console.log(conditions());
  const to = new Date(Math.floor(Date.now() / 1000) * 1000);
  const from = new Date(to.getTime() - 365 * 86_400_000);
  const rows = writeDays({ folder, sites, from, to, frequency, gapsPerDay: 0.005 });
  writeFileSync(path.join(folder, 'config.yml'), configText(), { mode: 0o600 });
  console.log(`${rows.toLocaleString('en-US')} rows of ${sites.length} sites in a year\n`);
  console.log('| command | time | CPU | memory (RSS) | output |\n|---|---|---|---|---|');
  const output = path.join(folder, 'report.html');
  const day = from.toISOString().slice(0, 10);
  await measure(
    'report',
    ['--from', day, '--output', output],
    () => `${(statSync(output).size / 1e6).toFixed(1)} MB`,
  );
  await measure('status', [], (text) => `${text.length} characters`);
  const page = await measurePage({ folder, sites, frequency });
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  console.log(`
The page: ${seconds(page.sinceStart)} from the start of its program to the first answer; then ${seconds(page.same)}, and ${seconds(page.changed)} after a new row;
${Math.round(page.bytes / 1000)} kB. The page of a site: ${seconds(page.site)}, ${Math.round(page.siteBytes / 1000)} kB. ${seconds(page.cpu)} of CPU for ten answers, ${Math.round(page.memory)} MB at most.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(command, args, sizeOf) {
  const began = performance.now();
  const child = spawn(process.execPath, [program, command, ...args], {
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
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0 && command === 'report') throw new Error(`${command} ended with ${code}: ${text}`);
  console.log(
    `| ${command} | ${seconds.toFixed(1)} s | ${(ticks / 100).toFixed(1)} s | ${Math.round(highest / 1024)} MB | ${sizeOf(text)} |`,
  );
}

function configText() {
  const site =
    'external_ip: 192.0.2.1, vpn_gw: a.example, realm: r, username: u, password: "p", internal_ip: 192.0.2.2, timeout: 60';
  return `frequency: ${frequency}\nlogging: { dir: ., file: result }\nsites:\n${sites.map((name) => `  ${name}: { ${site} }\n`).join('')}`;
}
