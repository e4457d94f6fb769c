import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { needs } from '../../support/missing-programs.ts';
import { MAIN, ROOT } from '../../support/paths.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What depends most on the version of Node: ptys, processes, files, locks. */
const UNITS = ['test/system', 'test/files', 'test/lock', 'test/results'];
const VERSIONS = ['22', '24'];

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
  const nodes = VERSIONS.map((major) => `/opt/vpn-monitor-test-packages/node-${major}/bin/node`);
  skip(!nodes.every((node) => existsSync(node)), needs('Node 22 and 24'));
  const folder = temporaryFolder();
  const demos = nodes.map(async (node, index) => {
    const dir = path.join(folder, `${index}`);
    const { status, printed } = await run(node, [MAIN, 'demo', '--dir', dir]);
    expect(status, printed).toBe(0);
    const results = path.join(dir, 'results');
    const [csv = ''] = readdirSync(results).filter((name) => name.endsWith('.csv'));
    expect(readFileSync(path.join(results, csv), 'utf8').match(/,works,SUCCESS,/g)).toHaveLength(3);
  });
  // One after the other, while the demos wait most of their time.
  const units = async () => {
    for (const [index, node] of nodes.entries()) {
      const { printed: version } = await run(node, ['--version']);
      expect(version).toMatch(new RegExp(`^v${VERSIONS[index]}\\.`));
      const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'plain', ...UNITS];
      const { status, printed } = await run(node, vitest);
      expect(status, printed).toBe(0);
    }
  };
  await Promise.all([units(), ...demos]);
});
