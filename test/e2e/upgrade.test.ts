import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CSV_HEADER, csvNameAtNoon } from '../support/monitored-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

const COMPOSE = fileURLToPath(new URL('../../dist/alerts/mail/mime.js', import.meta.url));

test('where nodemailer went away under a running monitor, the log says what helps', () => {
  const folder = temporaryFolder();
  // A folder without node_modules: nothing to import from.
  copyFileSync(COMPOSE, path.join(folder, 'compose.mjs'));
  mkdirSync(path.join(folder, 'smtp'));
  const addresses = 'smtp/utf8-address.js';
  copyFileSync(path.join(path.dirname(COMPOSE), addresses), path.join(folder, addresses));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    path.join(folder, 'try.mjs'),
    `import { composeMail } from './compose.mjs';
     const email = { from: { name: '', address: 'a@example.com' }, to: [{ name: '', address: 'b@example.com' }] };
     const message = { key: 'a@example.com', subject: '', text: '', created: new Date().toISOString(), replyTo: null };
     composeMail(message, email).catch((error) => console.log(error.message));`,
  );
  const { stdout } = spawnSync(process.execPath, ['try.mjs'], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toMatch(
    /^nodemailer can't be loaded, was it upgraded meanwhile\? Restart vpn-monitor \(Cannot find package 'nodemailer'.*\)\n$/,
  );
});

worldTest('what the program 1.0.0 left is delivered, and its outages end with a reply', async ({ world }) => {
  const fixture = fileURLToPath(new URL('../state/fixtures/state-1.0.0.json', import.meta.url));
  const old = JSON.parse(readFileSync(fixture, 'utf8'));
  world.run('mkdir -m 700 -p results/.state');
  copyFileSync(fixture, world.at('results', '.state', 'state.json'));
  // The files of its last day: a row, and the log with its link.
  const results = (name: string) => world.at('results', name);
  const rows = `${CSV_HEADER}\nThu Nov 15 00:03:40 2018,berlin,FAILURE,5.002,ERROR,TIMEOUT\n`;
  const csv = csvNameAtNoon();
  writeFileSync(results(csv), rows);
  const line = '=2018-11-15 05:18:06,378 - vpn-monitor - INFO - Stopped\n';
  const log = `monitoring-${new Date().getFullYear()}.log`;
  writeFileSync(results(log), line);
  symlinkSync(log, results('monitoring.log'));
  // A mail for each, as in 1.0.0.
  world.config(
    { berlin: 'works', zürich: 'works', oslo: 'works', lisbon: 'works' },
    'alerts: { group_seconds: 0 }',
  );
  await world.mailServer();
  const daemon = world.monitor();
  const ids = () => world.mails().map((mail) => header(mail, 'Message-ID'));
  await until('all mails', () => ids().length >= old.mails.length + 4);
  await stop(daemon);

  expect(new Set(ids()).size).toBe(ids().length);
  const waiting: string[] = old.mails.map(({ id }: { id: string }) => id);
  expect(ids()).toEqual(expect.arrayContaining(waiting));
  expect(header(world.mails()[0] ?? '', 'X-To')).toBe('night@example.com');
  const recoveries = world.mails().filter((mail) => !waiting.includes(header(mail, 'Message-ID')));
  const first = [old.host, ...old.sites.flatMap(({ announced }: Site) => announced ?? [])];
  expect(recoveries.map((mail) => header(mail, 'In-Reply-To')).sort()).toEqual(
    first.map(({ messageId }) => messageId).sort(),
  );
  expect(daemon.stderr()).not.toContain('state file');
  const SAID = 'WARNING - The state is that of vpn-monitor 1.0.0.';
  expect(world.log().split(SAID)).toHaveLength(2);
  expect(readFileSync(results(csv), 'utf8')).toMatch(new RegExp(`^${rows}.*,berlin,SUCCESS,`));
  expect(readFileSync(results(log), 'utf8').startsWith(line)).toBe(true);
  expect(readdirSync(world.at('results')).filter((name) => /set-aside|torn|script/.test(name))).toEqual([]);
});

function header(mail: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(mail)?.[1] ?? '';
}

interface Site {
  readonly announced: { readonly messageId: string } | null;
}
