import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const COMPOSE = fileURLToPath(new URL('../../dist/alerts/mail/mime.js', import.meta.url));

test('where nodemailer went away under a running monitor, the log says what helps', () => {
  const folder = temporaryFolder();
  // A folder without node_modules: nothing to import from.
  copyFileSync(COMPOSE, path.join(folder, 'compose.mjs'));
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
