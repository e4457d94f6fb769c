// Lets a monitor work, looks at it every now and then, and prints what became of it. Started by soak.mjs.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Monitor, until } from './monitor.mjs';
import { memory, named, zombies } from './process.mjs';
import { asMarkdown, judge } from './soak-report.mjs';

const { values } = parseArgs({ options: { tests: { type: 'string', default: '10000' } } });
const tests = Number(values.tests);
/** So that the second half, which decides, has at least a dozen. */
const LOOKS = 100;
const FEWEST_BETWEEN = 20;
const between = Math.max(FEWEST_BETWEEN, Math.floor(tests / LOOKS));
/** No machine takes longer for the tests between two looks, in seconds for each. */
const PATIENCE = 20;

const FIXTURES = new URL('../test/fixtures/', import.meta.url);
const MAIL_PORT = 2525;
/** All that the simulated client can do (test/fixtures/startct) without waiting for long, the most frequent most often. */
const GATEWAYS = [
  ...Array(15).fill('works'),
  ...Array(10).fill('refused'),
  ...Array(10).fill('switched'),
  ...['escapes', 'binary', 'split-prompts', 'coloured', 'echoes', 'connecting', 'split', 'leaves-dns'],
  ...['exits-at-once', 'exits', 'killed', 'rejects', 'noise', 'hangs-after-username'],
];

const folder = process.env.BENCH_FOLDER;
const programs = path.join(folder, 'bin');
const mails = path.join(folder, 'mails');

/** @type {import('./monitor.mjs').Place} */
const place = { folder, programs, realProfile: true, monitors: [] };
const children = [];
process.on('SIGTERM', () => process.exit(1));
process.on('exit', () => {
  for (const child of [...place.monitors, ...children]) child.kill('SIGKILL');
});

try {
  if (process.env.BENCH_ALONE !== 'yes') throw new Error('needs namespaces: run it as root');
  process.exit((await soak()) ? 0 : 1);
} catch (error) {
  process.stderr.write(`soak: could not be run: ${error.stack}\n`);
  process.exit(1);
}

async function soak() {
  prepare();
  const monitor = new Monitor(place, 'soak');
  const resolv = monitor.at('resolv.conf');
  const good = monitor.at('resolv.good');
  const switched = monitor.at('switch');
  copyFileSync(resolv, good);
  writeFileSync(switched, 'works\n');
  monitor.write(configText(resolv, good));
  const looks = monitor.at('looks');
  writeFileSync(looks, '');
  const started = performance.now();
  monitor.start({ SIM_SWITCH: switched, SIM_RESOLV: resolv, BENCH_LOOKS: looks }, [
    '--import',
    new URL('./look-inside.mjs', import.meta.url).pathname,
  ]);
  const samples = [];
  for (let wanted = between; wanted <= tests; wanted += between) {
    const rows = () => monitor.expectRunning().rows().length;
    await until(`${wanted} tests`, () => rows() >= wanted, {
      seconds: between * PATIENCE,
      everyMs: 200,
    });
    const { rss } = memory(monitor.pid);
    const known = lines(looks).length;
    monitor.child.kill('SIGUSR2');
    await until('a look inside', () => lines(looks).length > known, { seconds: 60, everyMs: 200 });
    const state = stateSize(path.join(monitor.at('results'), '.state/state.json'));
    const inside = JSON.parse(lines(looks).at(-1));
    const sample = { tests: rows(), rss: rss * 1024, zombies: zombies(monitor.pid), state, ...inside };
    samples.push(sample);
    process.stderr.write(`soak: ${seconds(started)} s: ${JSON.stringify(sample)}\n`);
    change(samples.length, switched, monitor);
  }
  const done = monitor.rows().length;
  const status = await monitor.stop();
  const left = named(['startct', 'AvConnect', 'java']);
  const figures = judge(samples, { status, left: left.length });
  console.log(asMarkdown(figures, { tests: done, looks: samples.length, seconds: seconds(started) }));
  return figures.every(({ holds }) => holds);
}

function prepare() {
  mkdirSync(programs);
  for (const [from, to] of [
    ['startct', 'startct'],
    ['stays-up', 'AvConnect'],
    ['stays-up', 'java'],
  ]) {
    copyFileSync(new URL(from, FIXTURES), path.join(programs, to));
  }
  const server = new URL('mail-server.mjs', FIXTURES).pathname;
  children.push(spawn(process.execPath, [server, String(MAIL_PORT), mails], { stdio: 'ignore' }));
}

/** Gateways come and go, the mail server too, and the config is read again. */
function change(count, switched, monitor) {
  writeFileSync(switched, count % 4 < 2 ? 'works\n' : 'rejects\n');
  const down = path.join(mails, 'down');
  if (count % 5 === 0) writeFileSync(down, '');
  else rmSync(down, { force: true });
  monitor.child.kill('SIGHUP');
}

/**
 * In bytes, as if no message waited, since how many do is up to the moment, and without the changes of flapping sites: at most a
 * hundred for each are kept, which even the long run does not reach.
 */
function stateSize(file) {
  const { outbox, pending, ...kept } = JSON.parse(readFileSync(file, 'utf8'));
  return JSON.stringify(kept, (key, value) => (key === 'flap' ? null : value)).length;
}

function configText(resolv, good) {
  const sites = GATEWAYS.map((gateway, index) => {
    const inside = index === 0 ? '192.0.2.1' : '127.0.0.1';
    return `  ${gateway}-${index}: { external_ip: 127.0.0.1, vpn_gw: ${gateway}, internal_ip: ${inside}, username: monitor, password: "Gl0b#rt-Pa55/w", realm: corp, timeout: 60 }`;
  });
  return `frequency: 1
logging: { dir: results, file: result, email: { server: "127.0.0.1:${MAIL_PORT}", security: none, from: monitor@example.com, to: noc@example.com } }
dns: { file: ${resolv}, restore: [cp, ${good}, ${resolv}] }
ping: { count: 1, timeout: 3 }
login: { step_timeout: 1, quit_timeout: 5 }
cleanup: { settle_seconds: 0 }
alerts: { remind_hours: 0.01 }
sites:
${sites.join('\n')}
`;
}

function lines(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

function seconds(since) {
  return Math.round((performance.now() - since) / 1000);
}
