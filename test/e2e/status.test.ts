import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { asctime, HEADER } from '../../src/results/csv-row.ts';
import { csvFileName } from '../../src/results/file-name.ts';
import { MAIN } from '../support/paths.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  const site =
    'external_ip: 192.0.2.1, vpn_gw: a.example, internal_ip: 192.0.2.2, realm: r, username: u, password: "p", timeout: 60';
  const config = `frequency: 600\nlogging: { dir: ., file: result }\nsites: { site1: { ${site} } }\n`;
  writeFileSync(path.join(folder, 'config.yml'), config, { mode: 0o600 });
});

/** Runs the built program after one test of the site, so many minutes ago. */
function status(minutesAgo: number, result: string, ...args: string[]) {
  const time = new Date(Date.now() - minutesAgo * 60_000);
  writeFileSync(
    path.join(folder, csvFileName('result', time)),
    `${HEADER}\n${asctime(time)},site1,${result}\n`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'status', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test.each([
  ['up', 1, 'SUCCESS,5.213,157.500,12.300', 0, /^site1 {2}UP /m],
  ['down', 1, 'FAILURE,5.213,ERROR,TIMEOUT', 1, /^site1 {2}DOWN .* 5\.21 ms +ERROR +TIMEOUT /m],
  [
    'not running',
    60,
    'SUCCESS,5.213,157.500,12.300',
    3,
    /^monitor NOT RUNNING since \w+ \d+ \d\d:\d\d, 1 h(?: \d+ min)? · last known: 1 unknown$/m,
  ],
])('the exit status says it: %s', (_name, minutesAgo, result, code, words) => {
  expect(status(minutesAgo, result)).toEqual({
    status: code,
    stdout: expect.stringMatching(words),
    stderr: '',
  });
});

test('--json says it too, with the exit status of the words', () => {
  const { status: code, stdout } = status(1, 'FAILURE,5.213,ERROR,TIMEOUT', '--json');
  expect({ code, ...JSON.parse(stdout).sites[0] }).toMatchObject({
    code: 1,
    name: 'site1',
    now: 'down',
    failures: 1,
  });
});
