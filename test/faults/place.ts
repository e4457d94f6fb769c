import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { World } from '../support/world.ts';
import {
  gatewayOf,
  isDown,
  isNear,
  MARKS,
  RECIPIENTS,
  type Schedule,
  SECRET,
  type Strike,
  type TestPlan,
} from './schedule.ts';

const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url));
/**
 * How much faster the monitor's time goes. One test after the other: a client that hangs costs 0.6 s, the first back-off of mail 3 s. With
 * cells a test takes the processors for longer, and the time limits of a cell are short.
 */
export const factorOf = ({ atOnce }: Pick<Schedule, 'atOnce'>) => (atOnce === 1 ? 10 : 3);
/** Seconds of the monitor's time. */
export const STEP_TIMEOUT = 6;
/** Seconds of the monitor's time. */
export const PING_TIMEOUT = 10;
/**
 * Seconds of the monitor's time. A streak below the threshold is dropped after three of them: a restart
 * should not cost so much.
 */
export const frequencyOf = ({ atOnce }: Pick<Schedule, 'atOnce'>) => (atOnce === 1 ? 25 : 12);
/** Where a cell sees the files of the harness: it has a /tmp and a home of its own. */
const IN_CELLS = '/mnt';
/** The folder in which the monitor finds its programs. */
export const programsOf = (folder: string, { atOnce }: Pick<Schedule, 'atOnce'>) =>
  path.join(atOnce === 1 ? folder : IN_CELLS, 'bin');

/** What is the same for every test that a plan says nothing about. */
const DEFAULTS: TestPlan = {
  failure: { kind: 'rejects' },
  noise: 'none',
  talks: false,
  stubborn: false,
  leaves: 'nothing',
  quits: 'well',
  dns: 'nothing',
  mends: true,
  operator: 'nothing',
  strike: null,
};

/** Lays a schedule out in a world: programs, plans, config. The results folder lies on a disk of its own. */
export function place(world: World, schedule: Schedule): void {
  const at = (name: string) => path.join(world.folder, name);
  const install = (program: string, ...names: string[]) => {
    for (const name of names) {
      copyFileSync(path.join(PROGRAMS, program), at(`bin/${name}`));
      chmodSync(at(`bin/${name}`), 0o755);
    }
  };
  install('client', 'startct', 'marked');
  install('ping', 'ping');
  install('ps', 'ps');
  install('stays', 'AvConnect', 'java', 'tunnel-helper');
  install('restore', 'restore');
  install('killer', 'killer');
  for (const folder of ['plan', 'data']) mkdirSync(at(folder));
  writeFileSync(at('tests'), '');
  writeFileSync(at('notes'), '');
  writeFileSync(at('strike'), '');
  writeFileSync(at('step'), '0');
  writeFileSync(at('secret'), SECRET, { mode: 0o600 });
  for (const name of ['resolv.good', 'resolv.conf']) writeFileSync(at(name), 'nameserver 192.0.2.53\n');
  writeFileSync(at('connections.json'), JSON.stringify(schedule.connections));
  writeFileSync(at('requests.json'), JSON.stringify(schedule.requests));
  const defaults = planText(DEFAULTS, schedule, 0);
  writeFileSync(at('plan/default'), defaults);
  for (const [index, plan] of schedule.tests.entries()) {
    writeFileSync(at(`plan/${index + 1}`), planText(plan, schedule, index + 1));
  }
  writeFileSync(at('config.yml'), configText(world.folder, schedule, 'first'), { mode: 0o600 });
  world.run('mkfifo never kill && touch counter && mount -t tmpfs -o size=2m tmpfs data');
  if (schedule.atOnce > 1) world.run(`mount --bind . ${IN_CELLS}`);
}

/** A test's plan as the lines of shell that the programs read. */
function planText(plan: TestPlan, schedule: Schedule, test: number): string {
  const { failure, noise, talks, stubborn, leaves, quits, dns, mends, operator, strike } = plan;
  const down = schedule.sites.flatMap((site, index) => (isDown(site, test) ? [gatewayOf(index)] : []));
  const failing = 'at' in failure ? `${failure.kind} ${failure.at}` : failure.kind;
  const values = {
    noise,
    talks: talks ? '1' : '',
    stubborn: stubborn ? '1' : '',
    leaves,
    quits,
    dns,
    mends: mends ? '1' : '',
    operator,
    strike: strike?.by === 'client' ? strike.at : '',
    resolv: schedule.atOnce === 1 ? '' : '/etc/resolv.conf',
    arm: isRecordFaultNear(schedule, test) ? 'none' : armText(strike, test),
  };
  return [
    ...Object.entries(values).map(([name, value]) => `${name}='${value}'`),
    `mark='${MARKS.startct}'; [ "$name" != marked ] || mark='${MARKS.marked}'`,
    `failure=''`,
    ...(down.length === 0 ? [] : [`case $gateway in ${down.join('|')}) failure='${failing}' ;; esac`]),
    '',
  ].join('\n');
}

/** Whether the monitor could lose rows by its end in this test: an order of before then no longer holds. */
function isRecordFaultNear({ faults, atOnce }: Schedule, test: number): boolean {
  const kinds = ['disk-full', 'read-only', 'folder-moved'];
  return faults.some((fault) => kinds.includes(fault.kind) && isNear(fault, test, atOnce));
}

function armText(strike: Strike | null, test: number): string {
  if (strike === null || strike.by === 'client') return '';
  if (strike.by === 'mail') return `mail ${test} ${strike.at}`;
  const when = typeof strike.when === 'string' ? strike.when : strike.when.torn;
  return `effect ${test} ${strike.nth} ${when}`;
}

/** The config of a schedule, and others that may replace it. */
export function configText(
  folder: string,
  schedule: Schedule,
  kind: 'first' | 'good' | 'bad' | 'last',
): string {
  const { sites, windows, atOnce } = schedule;
  const list = sites.map(({ name, client }, index) => {
    const site = {
      external_ip: `127.1.${index}.1`,
      internal_ip: `127.2.${index}.1`,
      vpn_gw: gatewayOf(index),
      username: 'monitor',
      password: SECRET,
      client,
      ...(client === 'startct' ? { realm: 'corp', timeout: 60 } : {}),
    };
    return `  ${JSON.stringify(name)}: ${JSON.stringify(site)}`;
  });
  const email = {
    server: '127.0.0.1:2525',
    security: 'none',
    from: 'monitor@example.com',
    to: RECIPIENTS,
  };
  const marked = {
    command: 'marked',
    args: ['-s', '{vpn_gw}'],
    dialogue: [
      { expect: 'Username:', send: '{username}' },
      { expect: 'Password:', send: '{password}' },
      { expect: 'Enter your choice \\[1\\]:', send: '1' },
    ],
    success: { expect: 'CONNECTED' },
    failures: [
      { expect: 'Login failed', cause: 'credentials-rejected' },
      { expect: 'Username:', cause: 'credentials-rejected', after: 'Password:' },
      { expect: 'CONNECTION REFUSED', cause: 'refused' },
    ],
    logout: { line: 'quit' },
    dns: { mark: MARKS.marked },
  };
  const planned = windows.map(({ site, from, to }) => ({ sites: [sites[site]?.name], from, to }));
  return [
    'sites:',
    ...(kind === 'good' ? list.reverse() : list),
    `logging: { dir: data/results, file: result, email: ${JSON.stringify(email)} }`,
    "channels: [{ name: hook, webhook: { url: 'http://127.0.0.1:8088/hook' } }]",
    `maintenance: ${JSON.stringify(planned)}`,
    'alerts: { after: 2, remind_hours: 0, subjects: classic, group_seconds: 0, flap: { changes: 0 } }',
    `clients: { marked: ${JSON.stringify(marked)} }`,
    `ping: { count: 1, timeout: ${PING_TIMEOUT} }`,
    `login: { step_timeout: ${STEP_TIMEOUT}, quit_timeout: 4 }`,
    'cleanup: { settle_seconds: 0 }',
    `dns: { file: ${folder}/resolv.conf, restore: [restore] }`,
    ...(atOnce === 1 ? [] : ['isolation: cell', `concurrency: ${atOnce}`]),
    `frequency: ${{ first: frequencyOf(schedule), good: frequencyOf(schedule), bad: 0, last: 100_000 }[kind]}`,
    '',
  ].join('\n');
}
