import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { CommandChannel } from '../../../src/alerts/command/command-channel.ts';
import { newEntry } from '../../../src/alerts/outbox.ts';
import { realSystem } from '../../../src/system/real-system.ts';
import { never } from '../../support/never.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const AT = '2018-11-14T05:18:02.000Z';
const ENTRY = newEntry({
  ...{ key: 'msg_1', channel: 'pager', about: 'oslo', subject: 'VPN oslo DOWN', text: 'oslo\n', created: AT },
  replyTo: null,
  events: [{ kind: 'failure', site: 'oslo', summary: 'VPN oslo DOWN', at: AT, since: AT, cause: null }],
});

/** Sends a message to a program of these lines of shell, with the arguments `--to 'two words'`. */
async function send(lines: string, timeout = 30) {
  const program = path.join(folder, 'program');
  writeFileSync(program, `#!/bin/sh\n${lines}\n`);
  chmodSync(program, 0o755);
  return sendTo(program, timeout);
}

async function sendTo(program: string, timeout = 30) {
  const system = realSystem({ PATH: '/usr/bin:/bin' });
  const redact = (text: string) => text.replaceAll('s3cr3t', '***');
  const origin = { hostname: 'monitor1', version: '1.2.3' };
  const config = { run: [program, '--to', 'two words'] as const, timeout };
  const channel = new CommandChannel('pager', config, { system, redact, origin });
  const content = await channel.prepare(ENTRY);
  const opened = await channel.open(never);
  if (!content.ok || !opened.ok) throw new Error('a command can always be prepared and opened');
  return opened.value.send(content.value);
}

test('the program reads the document on stdin, and gets its arguments as they are', async () => {
  const at = (name: string) => path.join(folder, name);
  const outcome = await send(
    `cat >${at('input')}; for each; do echo "$each"; done >${at('args')}; echo ignored; echo done`,
  );
  expect(outcome).toEqual({ kind: 'delivered', reply: 'exit status 0: done', refused: [] });
  expect(JSON.parse(readFileSync(at('input'), 'utf8'))).toMatchObject({
    version: 1,
    type: 'vpn.down',
    key: 'msg_1',
  });
  expect(readFileSync(at('args'), 'utf8')).toBe('--to\ntwo words\n');
});

test.each<[string, { kind: string; reply?: string; words?: RegExp }]>([
  ['exit 0', { kind: 'delivered', reply: 'exit status 0' }],
  [
    'echo "no s3cr3t gateway" >&2; exit 3',
    { kind: 'disconnected', words: /program ended with exit status 3: no \*\*\* gateway$/ },
  ],
  ['kill -9 $$', { kind: 'disconnected', words: /program was killed, by its limit of 30 s or by a signal$/ }],
])('%s', async (lines, expected) => {
  const outcome = await send(lines);
  expect(outcome.kind).toBe(expected.kind);
  if (outcome.kind === 'disconnected')
    expect(outcome).toMatchObject({ sent: 'part', failure: { permanent: false } });
  if (outcome.kind !== 'delivered') expect(outcome.failure.words).toMatch(expected.words ?? /./);
  else expect(outcome.reply).toBe(expected.reply);
});

test('a program that does not end is killed, with what it has started', async () => {
  const outcome = await send('sleep 1000', 0.1);
  expect(outcome).toMatchObject({ kind: 'disconnected', failure: { setting: 'channels.pager.command' } });
});

test('a program that is not there', async () => {
  const outcome = await sendTo(path.join(folder, 'nothing'));
  expect(outcome).toMatchObject({
    kind: 'disconnected',
    failure: {
      words: expect.stringMatching(/nothing could not be started: no such file or directory \(ENOENT\)$/),
    },
  });
});
