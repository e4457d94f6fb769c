import { expect, test } from 'vitest';
import { type Config, secretsOf } from '../../src/config/config.ts';
import { configOf, linesOf, load, shortConfig } from './write-config.ts';

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function channelsOf(text: string, files: Readonly<Record<string, string>> = {}): Config['channels'] {
  return configOf(load(`${shortConfig()}channels:\n${text}`, { files })).channels;
}

test('a webhook has its defaults, and its secrets from files', () => {
  const [chat] = channelsOf(
    '  - { name: chat, webhook: { url_file: url, secret_file: key, token: abc } }\n',
    { url: 'https://chat.example.com/T0/B0?x=y\n', key: `${KEY}\n` },
  );
  expect(chat).toMatchObject({ name: 'chat', events: null, sites: null, group: true });
  if (chat?.way.kind !== 'webhook') throw new Error('it is no webhook');
  const { url, secret, token, body, ca } = chat.way.webhook;
  expect([url, secret, token].map((each) => each?.reveal())).toEqual([
    'https://chat.example.com/T0/B0?x=y',
    KEY,
    'abc',
  ]);
  expect({ body, ca }).toEqual({ body: 'standard', ca: undefined });
});

test('every secret of the channels is one of the config', () => {
  const config = configOf(
    load(
      `${shortConfig()}channels:
  - { name: chat, webhook: { url: "https://chat.example.com/T0", secret: ${KEY}, token: abc } }
  - { name: boss, mail: { server: localhost, from: a@b.example, to: c@d.example, username: x, password: pass1 } }
`,
    ),
  );
  expect(secretsOf(config).map((secret) => secret.reveal())).toEqual([
    'secret',
    'https://chat.example.com/T0',
    KEY,
    'abc',
    'pass1',
  ]);
});

test('a template is a mapping of YAML or JSON, kept as it is', () => {
  const [chat] = channelsOf(
    '  - { name: chat, webhook: { url: "http://x/", template: {"some_key": ["{subject}", 1, true, null]} } }\n',
  );
  expect(chat?.way).toMatchObject({
    webhook: { body: { template: { some_key: ['{subject}', 1, true, null] } } },
  });
});

test('a template that multiplies by aliases ends soon', () => {
  const text = `x-a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
x-b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
x-c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
${shortConfig()}channels: [{ name: chat, webhook: { url: "http://x/", template: { c: *c } } }]
`;
  expect(linesOf(load(text))).toEqual([
    expect.stringMatching(/channels\[0\]\.webhook\.template: expected at most 1000 values$/),
  ]);
});

test('mail settings of a channel name their own key', () => {
  const [boss] = channelsOf(
    '  - { name: boss, mail: { server: localhost, from: a@b.example, to: c@d.example } }\n',
  );
  expect(boss?.way).toMatchObject({ kind: 'mail', email: { key: 'channels.boss.mail', host: 'localhost' } });
});

test('who has channels is not warned that there is no mail', () => {
  const channels = 'channels: [{ name: pager, command: { run: [/bin/true] } }]\n';
  const warning = 'logging.email is left out: no mail is sent';
  expect(configOf(load(shortConfig())).warnings).toContain(warning);
  expect(configOf(load(`${shortConfig()}${channels}`)).warnings).not.toContain(warning);
});
