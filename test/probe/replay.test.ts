import { expect, test } from 'vitest';
import { openconnect } from '../../src/clients/openconnect.ts';
import { openvpn } from '../../src/clients/openvpn.ts';
import { startct } from '../../src/clients/startct.ts';
import { replay } from '../../src/probe/replay.ts';
import { siteOfTranscript } from '../../src/probe/replay-site.ts';
import { PROFILE, probeConfig } from '../support/probe.ts';
import { savedTranscript } from '../support/saved-transcript.ts';

const DIALOGUE = [
  'Welcome\r\nUsername:',
  { typed: 'username' },
  'monitor\r\nPassword:',
  { typed: 'password' },
  '\r\nConfigured as 10.0.0.2, with SSL connected and DTLS disabled\r\n',
] as const;

test('each line has its meaning, and what is printed after the log-out has none', async () => {
  const transcript = savedTranscript(
    ['vpn.example.com'],
    [
      ...DIALOGUE,
      'Session terminated by server; exiting.\r\n',
      { signal: 'SIGINT' },
      'Login failed.\r\n',
      { exits: 0 },
    ],
  );
  const { lines, result, typed } = await replay(
    transcript,
    siteOfTranscript(transcript, openconnect),
    probeConfig(),
  );
  expect(result.outcome).toBe('ok');
  expect(lines).toEqual([
    { text: 'Welcome', means: undefined },
    { text: 'Username:', means: { kind: 'prompt', prompt: 'Username:', answer: '{username}' } },
    { text: 'monitor', means: undefined },
    { text: 'Password:', means: { kind: 'prompt', prompt: 'Password:', answer: '{password}' } },
    { text: 'Configured as 10.0.0.2, with SSL connected and DTLS disabled', means: { kind: 'success' } },
    { text: 'Session terminated by server; exiting.', means: { kind: 'end' } },
  ]);
  expect(typed).toEqual({ recorded: ['{username}', '{password}'], profile: ['{username}', '{password}'] });
});

test('a day of silence takes no time, and the profile that does not answer waits in vain', async () => {
  const transcript = savedTranscript(['vpn.example.com'], ['Wer?', { typed: 'username' }, 'Password:']);
  const began = performance.now();
  const { lines, result, typed } = await replay(
    transcript,
    siteOfTranscript(transcript, openconnect),
    probeConfig({ login: { ...probeConfig().login, stepTimeout: 86_000 } }),
  );
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(result).toMatchObject({
    cause: 'prompt-not-seen',
    detail: 'the prompt Username: did not come within 86000 s, seen instead: Wer?',
  });
  expect(lines).toEqual([{ text: 'Wer?', means: undefined }]);
  expect(typed).toEqual({ recorded: ['{username}'], profile: [] });
});

test('failures: one that counts at once, one that waits for more, one of which the client gets over', async () => {
  const parts = [
    'Failed to connect to 192.0.2.1:443: refused\r\nConnected to 192.0.2.2:443\r\n',
    ...DIALOGUE.slice(0, 4),
    '\r\nLogin failed.\r\nPassword:',
  ];
  const transcript = savedTranscript(['vpn.example.com'], parts);
  const { lines, result } = await replay(
    transcript,
    siteOfTranscript(transcript, openconnect),
    probeConfig(),
  );
  expect(result).toMatchObject({ cause: 'credentials-rejected', detail: 'Login failed.' });
  expect(lines.filter(({ means }) => means?.kind === 'failure')).toEqual([
    {
      text: 'Failed to connect to 192.0.2.1:443: refused',
      means: { kind: 'failure', cause: 'unreachable', passing: true },
    },
    { text: 'Login failed.', means: { kind: 'failure', cause: 'credentials-rejected', passing: false } },
  ]);
});

test.each([
  ['all that is typed', savedTranscript(['vpn'], DIALOGUE), openconnect, ['username', 'password']],
  ['nothing: name and password', savedTranscript(['vpn'], ['?']), openconnect, ['username', 'password']],
  [
    'a certificate',
    savedTranscript(['--certificate=a.pem', 'vpn'], [{ typed: 'key_password' }]),
    openconnect,
    ['certificate', 'key_password'],
  ],
  [
    'a code instead of a password',
    savedTranscript(['vpn'], [{ typed: 'username' }, { typed: 'totp' }]),
    openconnect,
    ['username', 'totp'],
  ],
  [
    'values of arguments, also in pairs',
    savedTranscript(['--config', '/a.ovpn', '--auth-user-pass', '--auth-retry', 'interact'], []),
    openvpn,
    ['username', 'totp', 'profile'],
  ],
  [
    'no key where there must be none',
    savedTranscript(['-s', 'gw', '-r', 'corp', '-y', '1'], []),
    startct,
    ['username', 'password', 'realm', 'timeout'],
  ],
])('the keys of the site of a transcript: %s', (_, transcript, client, keys) => {
  const site = siteOfTranscript(transcript, client);
  const { username, password, totp, clientKeys, clientSecrets } = site;
  const named = Object.entries({ username, password, totp }).filter(([, value]) => value !== undefined);
  expect(
    [...named.map(([key]) => key), ...clientKeys.keys(), ...(clientSecrets?.keys() ?? [])].toSorted(),
  ).toEqual(keys.toSorted());
});

test('a client of a config', async () => {
  const own = {
    ...PROFILE,
    described: true,
    dialogue: [{ prompt: 'PIN', expect: /^PIN:/m, send: '{password}{totp}' }],
    success: { expect: /^up/m },
  };
  const transcript = savedTranscript([], ['PIN:', { typed: 'password totp' }, '\r\nup\r\n']);
  const { result, typed } = await replay(transcript, siteOfTranscript(transcript, own), probeConfig());
  expect(result.outcome).toBe('ok');
  expect(typed).toEqual({ recorded: ['{password}{totp}'], profile: ['{password}{totp}'] });
});
