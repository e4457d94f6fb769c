import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { needs } from '../../support/missing-programs.ts';
import { MAIN, ROOT } from '../../support/paths.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { stop } from '../../support/world.ts';
import { worldTest } from '../../support/world-test.ts';

/** What depends most on the version of Node: ptys, processes, files, locks. */
const UNITS = ['test/system', 'test/files', 'test/lock', 'test/results'];
const VERSIONS = ['22', '24'];
const NODES = VERSIONS.map((major) => `/opt/vpn-monitor-test-packages/node-${major}/bin/node`);
const reason = NODES.every((node) => existsSync(node)) ? undefined : needs('Node 22 and 24');

/** The environment without what this test run tells its own processes. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:VITEST|VPN_MONITOR_|NODE_ENV$)/.test(name)),
);

/** Runs a program in the root of the repository to its end. */
async function run(program: string, args: readonly string[]) {
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const [status] = await once(child, 'close');
  return { status, printed };
}

test('Node 22 and Node 24 run the demo and the unit tests', async ({ skip }) => {
  skip(reason !== undefined, reason);
  const folder = temporaryFolder();
  const demos = NODES.map(async (node, index) => {
    const dir = path.join(folder, `${index}`);
    const { status, printed } = await run(node, [MAIN, 'demo', '--dir', dir]);
    expect(status, printed).toBe(0);
    const results = path.join(dir, 'results');
    const [csv = ''] = readdirSync(results).filter((name) => name.endsWith('.csv'));
    expect(readFileSync(path.join(results, csv), 'utf8').match(/,works,SUCCESS,/g)).toHaveLength(3);
  });
  // One after the other, while the demos wait most of their time.
  const units = async () => {
    for (const [index, node] of NODES.entries()) {
      const { printed: version } = await run(node, ['--version']);
      expect(version).toMatch(new RegExp(`^v${VERSIONS[index]}\\.`));
      const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'plain', ...UNITS];
      const { status, printed } = await run(node, vitest);
      expect(status, printed).toBe(0);
    }
  };
  await Promise.all([units(), ...demos]);
});

worldTest(
  'a monitor holds its results folder against other versions of Node too',
  async ({ world, skip }) => {
    skip(reason !== undefined, reason);
    world.config({ one: 'works' }, 'frequency: 1000');
    // The first argument is the Node of this test.
    const run = (node: string) => world.monitor([], {}, ['bash', '-c', `shift; exec ${node} "$@"`, 'run']);
    const versions = [process.execPath, ...NODES];
    for (const version of versions) {
      const rows = world.csv().length;
      const holder = run(version);
      await until('it has tested', () => world.csv().length > Math.max(rows, 1));
      for (const other of versions) {
        const second = run(other);
        expect(await second.ended).toBe(3);
        expect(second.stderr()).toContain(`held by process ${holder.pid()} (vpn-monitor run)`);
      }
      await stop(holder);
    }
  },
);
