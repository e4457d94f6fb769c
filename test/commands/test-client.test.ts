import fs from 'node:fs';
import { expect, test } from 'vitest';
import { testClient } from '../../src/commands/test-client.ts';
import { common, createHome, createShell, type Home } from './support.ts';

const HEAD = '{"event":"vpn-monitor","version":1,"program":"2.0.0","client":"demo","node":"v20"}';
const LINES = [
  HEAD,
  '{"ms":0,"event":"started","command":"/bin/own","args":["gw"]}',
  '{"ms":10,"event":"output","text":"\\u001b[1mHello\\u001b[0m\\r\\nPIN:"}',
  '{"ms":60,"event":"typed","what":"password"}',
  '{"ms":90,"event":"output","text":"\\r\\nYour password expires in 3 days\\r\\nup\\r\\n"}',
  '{"ms":95,"event":"output","text":"kicked\\r\\n"}',
  '{"event":"result","outcome":"error","cause":"prompt-not-seen","detail":"the prompt Password: did not come"}',
];
const OWN = `{ own: { command: ./own, dialogue: [{ prompt: "PIN:", expect: "^PIN:", send: "{password}" }], success: { expect: "^up" },
  notices: [{ expect: "expires in (?<days>[0-9]+) days", kind: password-expires }], ends: [kicked],
  failures: [{ expect: "^no$", cause: refused }] } }`;

function homeWith(lines: readonly string[]): Home {
  const home = createHome({ site1: 'works' }, { clients: OWN });
  fs.writeFileSync(home.at('transcript'), lines.join('\n'));
  return home;
}

async function play(home: Home, client: string, more: { site?: string; config?: string } = {}) {
  const shell = createShell(home);
  const options = { ...common(home), client, file: home.at('transcript'), site: undefined, ...more };
  return { status: await testClient(options, shell), shell };
}

test('a client of the config, line by line', async () => {
  const { status, shell } = await play(homeWith(LINES), 'own');
  expect(shell.screen.stdout()).toBe(`client:   own (the transcript was made with demo)
site:     the transcript, with password

  | Hello
  | PIN:
    = the prompt PIN: answered with {password}
  | Your password expires in 3 days
    = a warning: password-expires
  | up
    = the success
  | kicked
    = the end of the session

log-in:   SUCCESS
recorded: ERROR, prompt-not-seen: the prompt Password: did not come
`);
  expect(status).toBe(0);
});

test('a built-in client needs no config; a profile that answers otherwise is said', async () => {
  const home = homeWith([
    ...LINES.slice(0, 2),
    '{"ms":10,"event":"output","text":"Username:"}',
    '{"ms":60,"event":"typed","text":"nobody"}',
    '{"ms":70,"event":"output","text":"\\r\\nPassword:"}',
  ]);
  const { status, shell } = await play(home, 'openconnect', { config: home.at('nowhere.yml') });
  expect(shell.screen.stdout()).toContain(
    'answer 1: the profile types {username}, the transcript has nobody\n',
  );
  expect(status).toBe(1);
});

test('with the keys of a site, of which no secret is read', async () => {
  const home = homeWith(LINES);
  const text = fs
    .readFileSync(home.config, 'utf8')
    .replace('password: s3cr3t-pass', 'password_file: /nowhere');
  fs.writeFileSync(home.config, text);
  const { status, shell } = await play(home, 'own', { site: 'site1' });
  expect(shell.screen.stdout()).toContain('site:     site1, with username, password, realm, timeout\n');
  expect(status, shell.screen.stderr()).toBe(0);
});

test.each([
  ['onw', {}, "error: unknown client 'onw', did you mean own?"],
  ['own', { site: 'site2' }, "error: unknown site 'site2', did you mean site1?"],
])('%s %j: said, 2', async (client, more, words) => {
  const { status, shell } = await play(homeWith(LINES), client, more);
  expect(shell.screen.stderr()).toContain(words);
  expect(status).toBe(2);
});

test('no transcript: said, 2', async () => {
  const home = homeWith(['# a log']);
  const { status, shell } = await play(home, 'openconnect');
  expect(shell.screen.stderr()).toBe(
    `error: the transcript ${home.at('transcript')} can't be read: line 1: expected the first line of a transcript, {"event":"vpn-monitor","version":1,...}\n`,
  );
  expect(status).toBe(2);
});
