import { createServer } from 'node:net';
import * as v from 'valibot';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { SendOutcome } from '../../../src/alerts/channel.ts';
import { MessageSchema } from '../../../src/alerts/document.ts';
import { newEntry } from '../../../src/alerts/outbox.ts';
import { webhookHeaders } from '../../../src/alerts/webhook/signature.ts';
import { Webhook } from '../../../src/alerts/webhook/webhook.ts';
import type { WebhookConfig } from '../../../src/config/config.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { OutboxEntry, ToldEvent } from '../../../src/state/store.ts';
import { answering, type HttpReceiver, startReceiver } from '../../support/http-receiver.ts';
import { never } from '../../support/never.ts';
import { until } from '../../support/until.ts';
import { type TestSystem, testSystem } from '../support.ts';

const SECRET = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
const SINCE = '2018-11-14T05:08:02.000Z';
const AT = '2018-11-14T05:18:02.000Z';
const DOWN: ToldEvent = {
  kind: 'failure',
  site: 'oslo',
  summary: 'VPN oslo DOWN: credentials rejected',
  at: AT,
  since: SINCE,
  cause: 'credentials-rejected',
};
const BACK: ToldEvent = {
  ...DOWN,
  kind: 'recovery',
  summary: 'VPN oslo is back',
  at: '2018-11-14T06:18:02.000Z',
};

let system: TestSystem;
let receiver: HttpReceiver;
beforeEach(async () => {
  system = testSystem();
  receiver = await startReceiver();
});

function webhook(more: Partial<WebhookConfig> = {}): Webhook {
  const url = new Secret(receiver.url);
  const config = {
    url,
    secret: undefined,
    token: undefined,
    ca: undefined,
    body: 'standard',
    ...more,
  } as const;
  const secureContext = () => {
    throw new Error('not needed');
  };
  return new Webhook('chat', config, {
    system,
    secureContext,
    origin: { hostname: 'monitor1', version: '1.2.3' },
  });
}

function entryOf(...events: ToldEvent[]): OutboxEntry {
  const subject = events[0]?.summary ?? 'test notification';
  const message = { subject, text: `${subject}\nwith "quotes" and \\ {token}\n`, created: AT, replyTo: null };
  return newEntry({ ...message, key: 'msg_1', channel: 'chat', about: events[0]?.site ?? null, events });
}

async function send(channel: Webhook, entry: OutboxEntry, signal = never): Promise<SendOutcome> {
  const content = await channel.prepare(entry);
  const opened = await channel.open(signal);
  if (!content.ok || !opened.ok) throw new Error('a webhook can always be prepared and opened');
  // As it comes back from the state file.
  return opened.value.send(JSON.parse(JSON.stringify(content.value)));
}

const sent = () => JSON.parse(receiver.received[0]?.body ?? '');

describe('the standard body', () => {
  test('is a document of the schema that the package has, with its key as webhook-id', async () => {
    expect(await send(webhook({ secret: SECRET }), entryOf(DOWN))).toMatchObject({
      kind: 'delivered',
      reply: '200 OK',
    });
    const [{ method, url, headers, body } = {}] = receiver.received;
    expect([method, url]).toEqual(['POST', '/hook/t0p-secret']);
    expect(v.parse(MessageSchema, sent())).toEqual(sent());
    expect(sent()).toMatchObject({
      version: 1,
      type: 'vpn.down',
      timestamp: AT,
      key: 'msg_1',
      monitor: { host: 'monitor1', version: '1.2.3' },
      events: [{ event: 'down', state: 'firing', site: 'oslo', cause: 'credentials-rejected', since: SINCE }],
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      ...webhookHeaders('msg_1', system.now(), body ?? '', SECRET),
    });
  });

  test('has the same bytes and key at each try, and the time and the signature of the try', async () => {
    const channel = webhook({ secret: SECRET });
    receiver.answer = answering(500);
    await send(channel, entryOf(DOWN));
    system.advance(60_000);
    await send(channel, entryOf(DOWN));
    const [first, second] = receiver.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(60);
    expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
  });

  test('names the incident in the same way at its begin and its end', async () => {
    await send(webhook(), entryOf(DOWN));
    await send(webhook(), entryOf(BACK));
    const incidents = receiver.received.map(({ body }) => JSON.parse(body).events[0].incident);
    expect(incidents).toEqual([`site oslo ${SINCE}`, `site oslo ${SINCE}`]);
  });

  test('of several events is a group, of a test notification a test', async () => {
    await send(webhook(), entryOf(DOWN, { ...DOWN, site: 'rome' }));
    await send(webhook(), entryOf());
    expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual(['vpn.group', 'vpn.test']);
    for (const { body } of receiver.received) expect(v.is(MessageSchema, JSON.parse(body))).toBe(true);
  });
});

describe('alertmanager', () => {
  const channel = () => webhook({ body: 'alertmanager' });

  test('gets an alert that lasts, and its end with the same labels', async () => {
    await send(channel(), entryOf(DOWN));
    await send(channel(), entryOf(BACK));
    const [begin, end] = receiver.received.map(({ body }) => JSON.parse(body)[0]);
    expect(begin).toEqual({
      labels: { alertname: 'VpnSiteDown', severity: 'critical', instance: 'monitor1', site: 'oslo' },
      annotations: { summary: 'VPN oslo DOWN: credentials rejected', cause: 'credentials-rejected' },
      startsAt: SINCE,
      endsAt: '2018-11-14T05:48:02.000Z',
    });
    expect(end).toMatchObject({ labels: begin.labels, startsAt: SINCE, endsAt: BACK.at });
  });

  test('is told again what is wrong', async () => {
    system.advance(3600_000);
    const host: ToldEvent = { ...DOWN, kind: 'host-fault', site: null, cause: null };
    expect(await channel().repeating?.send([DOWN, host], never)).toEqual({ ok: true, value: undefined });
    expect(sent().map(({ labels, endsAt }: Record<string, unknown>) => [labels, endsAt])).toEqual([
      [
        { alertname: 'VpnSiteDown', severity: 'critical', instance: 'monitor1', site: 'oslo' },
        '2018-11-14T06:48:02.000Z',
      ],
      [
        { alertname: 'VpnMonitorUnfit', severity: 'critical', instance: 'monitor1' },
        '2018-11-14T06:48:02.000Z',
      ],
    ]);
  });

  test('alone forgets', () => {
    expect(webhook().repeating).toBeUndefined();
  });
});

describe('ntfy', () => {
  test('gets the text as body, and the rest in the URL, which may hold any letter', async () => {
    const summary = 'VPN Łódź & "x" DOWN';
    await send(webhook({ body: 'ntfy', token: new Secret('tk_1') }), entryOf({ ...DOWN, summary }));
    const [{ url = '', headers, body } = {}] = receiver.received;
    const { pathname, searchParams } = new URL(url, receiver.url);
    expect(pathname).toBe('/hook/t0p-secret');
    expect([...searchParams]).toEqual([
      ['title', summary],
      ['priority', 'high'],
      ['tags', 'rotating_light'],
    ]);
    expect(body).toMatch(/^VPN Łódź & "x" DOWN\nwith/);
    expect(headers).toMatchObject({
      authorization: 'Bearer tk_1',
      'content-type': 'text/plain; charset=utf-8',
    });
  });

  test('gets at most 4000 bytes, and no half of a character', async () => {
    await send(webhook({ body: 'ntfy' }), { ...entryOf(BACK), text: 'ü'.repeat(5000) });
    const [{ body = '' } = {}] = receiver.received;
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4000);
    expect(body).toMatch(/^ü+\.\.\.$/);
  });
});

describe('a template', () => {
  test('is filled in as JSON', async () => {
    const template = { action: '{action}', all: ['{subject}: {text}', '{site}', '{incident}'], n: 5 };
    await send(webhook({ body: { template } }), entryOf(BACK, { ...BACK, site: 'rome' }));
    const { subject, text } = entryOf(BACK);
    expect(sent()).toEqual({
      action: 'resolve',
      all: [`${subject}: ${text}`, 'oslo, rome', `site oslo ${SINCE}`],
      n: 5,
    });
  });

  test('has the token in its place and not in a header, and the state does not have it', async () => {
    const channel = webhook({
      body: { template: { key: 'a{token}b', text: '{text}' } },
      token: new Secret('t0k"en'),
    });
    const content = await channel.prepare(entryOf(DOWN));
    expect(JSON.stringify(content)).not.toContain('t0k');
    await send(channel, entryOf(DOWN));
    expect(sent()).toEqual({ key: 'at0k"enb', text: entryOf(DOWN).text });
    expect(receiver.received[0]?.headers.authorization).toBeUndefined();
  });
});

test('a message that waits has the form that the config says now, and the key that it had', async () => {
  const entry = entryOf(DOWN);
  const first = await webhook({ body: { template: { text: '{txt}' } } }).prepare(entry);
  if (!first.ok) throw new Error(first.why);
  const waiting = { ...entry, content: JSON.parse(JSON.stringify(first.value)) };
  expect(await webhook({ body: { template: { text: '{txt}' } } }).prepare(waiting)).toEqual(first);
  const mended = webhook({ body: { template: { text: '{subject}' } } });
  await send(mended, waiting);
  expect(sent()).toEqual({ text: DOWN.summary });
  expect(receiver.received[0]?.headers['webhook-id']).toBe('msg_1');
  // What an older program has made stays.
  const { form: _, ...older } = waiting.content;
  expect(await mended.prepare({ ...waiting, content: older })).toEqual({ ok: true, value: older });
});

describe('an answer', () => {
  test.each<[number, SendOutcome['kind'], string]>([
    [204, 'delivered', '204 No Content'],
    [301, 'refused', 'the server answers 301 Moved Permanently, and no redirect is followed'],
    [400, 'refused', 'the server answers 400 Bad Request'],
    [410, 'refused', 'the server answers 410 Gone'],
    [408, 'disconnected', 'the server answers 408 Request Timeout'],
    [429, 'disconnected', 'the server answers 429 Too Many Requests'],
    [500, 'disconnected', 'the server answers 500 Internal Server Error'],
    [503, 'disconnected', 'the server answers 503 Service Unavailable'],
  ])('of %d is %s', async (status, kind, words) => {
    receiver.answer = answering(status);
    const outcome = await send(webhook(), entryOf(DOWN));
    expect(outcome.kind).toBe(kind);
    expect(outcome.kind === 'delivered' ? outcome.reply : outcome.failure.words).toBe(words);
  });

  test.each<[string, number, string | undefined, number | null]>([
    ['in seconds', 429, '120', 120_000],
    ['as a date', 503, 'Wed, 14 Nov 2018 05:20:02 GMT', 120_000],
    ['as a date that is over', 503, 'Wed, 14 Nov 2018 05:10:02 GMT', null],
    ['in words', 503, 'later', null],
    ['of nothing', 503, undefined, null],
  ])('may ask for a wait: %s', async (_, status, retryAfter, retryAfterMs) => {
    receiver.answer = (response) => {
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
      response.end();
    };
    expect(await send(webhook(), entryOf(DOWN))).toMatchObject({ failure: { retryAfterMs } });
  });

  test('that does not come after the message was taken: it is sent again, since its key is known', async () => {
    receiver.answer = (response) => response.destroy();
    expect(await send(webhook(), entryOf(DOWN))).toMatchObject({
      kind: 'disconnected',
      sent: 'part',
      failure: { words: 'the connection was closed', permanent: false },
    });
  });

  test('that takes too long is given up after 30 s', async () => {
    receiver.answer = () => undefined;
    const outcome = send(webhook(), entryOf(DOWN));
    await until('the request is there', () => receiver.received.length === 1);
    system.strike(30_000);
    expect(await outcome).toMatchObject({
      kind: 'disconnected',
      failure: { words: 'no answer within 30 s' },
    });
  });

  test('is not waited for after an abort', async () => {
    receiver.answer = () => undefined;
    const abort = new AbortController();
    const outcome = send(webhook(), entryOf(DOWN), abort.signal);
    await until('the request is there', () => receiver.received.length === 1);
    abort.abort();
    expect(await outcome).toMatchObject({ kind: 'disconnected' });
    expect(system.waits()).toEqual([]);
  });
});

describe('what is said of a failure holds nothing of the URL', () => {
  async function wordsFor(url: string): Promise<string> {
    const outcome = await send(webhook({ url: new Secret(url) }), entryOf(DOWN));
    if (outcome.kind === 'delivered') throw new Error('it was delivered');
    expect(outcome.failure.setting).toBe('channels.chat.webhook');
    return outcome.failure.words;
  }

  test('nobody listens', async () => {
    expect(await wordsFor('http://127.0.0.1:1/t0p-secret')).toBe('the connection is refused');
  });

  test('there is no such host', async () => {
    expect(await wordsFor('http://t0p-secret.invalid/x')).toMatch(/^the name of its host is not found/);
  });

  test('it is no web server', async () => {
    const server = createServer((socket) =>
      socket.on('error', () => undefined).end('220 t0p-secret ESMTP\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await wordsFor(`http://127.0.0.1:${port}/t0p-secret`)).toMatch(
      /^its answer is not HTTP \(HPE_\w+\)$/,
    );
  });

  test('its phrase is not plain', async () => {
    receiver.answer = (response) => {
      response.writeHead(400, 'http://127.0.0.1/hook?t0p-secret');
      response.end();
    };
    expect(await wordsFor(receiver.url)).toBe('the server answers 400');
  });
});
