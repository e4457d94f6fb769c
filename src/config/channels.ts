import { readTemplate } from './body-template.ts';
import type { ChannelConfig, WebhookConfig } from './config.ts';
import { type Credential, readSecretOf } from './credential.ts';
import { emailConfig, readAuthorities, readEmailSecrets } from './email.ts';
import type { Reading } from './reading.ts';
import type { ChannelSettings } from './schema/channel-schema.ts';
import { checkForm, readWebAddress } from './web-address.ts';
import type { Path } from './yaml/problem.ts';
import { child, find, type Item, stringOf } from './yaml/tree.ts';

/** The valid channels of a config, and their secrets. */
export interface Channels {
  readonly channels: readonly ChannelConfig[];
  readonly credentials: readonly Credential[];
}

/**
 * Reads what the list `channels` has outside the config, also if other keys are wrong. Reports each problem with it.
 *
 * @param settings the checked list; `undefined`: it is wrong, or there is none
 */
export function readChannels(reading: Reading, settings: readonly ChannelSettings[] | undefined): Channels {
  const list = find(reading.root, 'channels');
  if (list?.value.kind !== 'sequence') return { channels: [], credentials: [] };
  checkNames(list.value.items, reading);
  const credentials: (Credential | undefined)[] = [];
  const channels = list.value.items.map((item, index): ChannelConfig | undefined => {
    const path = ['channels', index];
    const [mail, webhook] = ['mail', 'webhook'].map((key) => child(item.value, key));
    const email = readEmailSecrets(mail, [...path, 'mail'], reading);
    const web = webhook && readWebhook(webhook, [...path, 'webhook'], reading);
    credentials.push(email.credential, ...(web?.credentials ?? []));
    const channel = settings?.[index];
    if (channel === undefined) return undefined;
    const { name, events = null, sites = null, group } = channel;
    const about = { name, events, sites, group };
    if (channel.mail !== undefined) {
      const settings = emailConfig(channel.mail, email, ['channels', name, 'mail']);
      return { ...about, way: { kind: 'mail', email: settings } };
    }
    if (channel.command !== undefined)
      return { ...about, way: { kind: 'command', command: channel.command } };
    if (channel.webhook === undefined || web?.url === undefined) return undefined;
    const { url, secret, token, ca, template } = web;
    const body = template === undefined ? channel.webhook.body : { template };
    return { ...about, way: { kind: 'webhook', webhook: { url, secret, token, ca, body } } };
  });
  return {
    channels: channels.filter((channel) => channel !== undefined),
    credentials: credentials.filter((credential) => credential !== undefined),
  };
}

/** Two channels of one name would share their waiting messages. */
function checkNames(items: readonly Item[], { report }: Reading): void {
  const names = items.map((item) => child(item.value, 'name'));
  for (const [index, name] of names.entries()) {
    const text = stringOf(name);
    const first = names.findIndex((other) => stringOf(other) === text);
    if (name === undefined || text === undefined || first === index) continue;
    report({
      at: name.at,
      path: ['channels', index, 'name'],
      text: 'expected a name that no other channel has',
    });
  }
}

type ReadWebhook = Pick<WebhookConfig, 'secret' | 'token' | 'ca'> & {
  readonly url: WebhookConfig['url'] | undefined;
  readonly template: ReturnType<typeof readTemplate>;
  readonly credentials: readonly (Credential | undefined)[];
};

function readWebhook(webhook: Item, path: Path, reading: Reading): ReadWebhook {
  const read = (name: string) => readSecretOf(name, webhook, path, reading);
  const url = readWebAddress(webhook, path, reading);
  const [secret, token] = [read('secret'), read('token')];
  checkForm(secret, isSigningKey, 'whsec_ and 24 to 64 bytes in base64', webhook, reading);
  const item = child(webhook.value, 'template');
  const body = child(webhook.value, 'body');
  if (item !== undefined && body !== undefined) {
    reading.report({ at: body.at, path: [...path, 'body'], text: 'expected only one of body and template' });
  }
  return {
    url: url?.secret,
    secret: secret?.secret,
    token: token?.secret,
    ca: readAuthorities(webhook, path, reading),
    template: item && readTemplate(item, [...path, 'template'], reading),
    credentials: [url, secret, token],
  };
}

/** The symmetric secret of Standard Webhooks 1.0.0: https://github.com/standard-webhooks/standard-webhooks, spec, "Signature scheme". */
function isSigningKey(text: string): boolean {
  const base64 = text.replace(/^whsec_/, '');
  const { length } = Buffer.from(base64, 'base64');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && length >= 24 && length <= 64;
}
