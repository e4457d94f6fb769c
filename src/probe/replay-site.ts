import { type Argument, type ClientProfile, templatesOf } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import type { SavedTranscript } from '../log/read-transcript.ts';
import { Secret } from '../model/secret.ts';

/**
 * A site with the keys that a transcript shows: those in the arguments of its client, and those that were typed. Their values are
 * those of the arguments, else the name of the key in braces.
 */
export function siteOfTranscript({ events }: SavedTranscript, client: ClientProfile): SiteConfig {
  const typed = events.flatMap((event) =>
    event.event === 'typed' && event.what !== undefined ? event.what.split(' ') : [],
  );
  const shown = events.find((event) => event.event === 'started')?.args ?? [];
  const inArguments = keysIn(client.args, shown);
  const keys = Object.keys(client.keys);
  const secrets = keys.filter((key) => client.keys[key]?.secret === true && typed.includes(key));
  const values = keys
    .filter((key) => client.keys[key]?.secret !== true)
    .filter((key) => inArguments.has(key) || typed.includes(key))
    .map((key) => [key, inArguments.get(key) ?? `{${key}}`] as const);
  const has = new Set([...typed, ...values.map(([key]) => key), ...inArguments.keys()]);
  return {
    name: 'the transcript',
    externalIp: '',
    vpnGw: inArguments.get('vpn_gw') ?? '{vpn_gw}',
    internalIp: '',
    inside: [],
    client,
    clientKeys: new Map(values),
    clientSecrets: new Map(secrets.map((key) => [key, new Secret(`{${key}}`)])),
    slowMs: [null, null, null],
    enabled: true,
    isolation: 'none',
    ...(isAssumed('username', has, client) ? { username: '{username}' } : {}),
    ...(isAssumed('password', has, client) ? { password: new Secret('{password}') } : {}),
    ...(has.has('totp') && !keys.includes('totp') ? { totp: CODES } : {}),
  };
}

const CODES: SiteConfig['totp'] = {
  secret: new Secret('{totp}'),
  written: new Secret('{totp}'),
  digits: 6,
  period: 30,
  algorithm: 'SHA1',
  withPassword: false,
};

/** A site has username and password unless something else was typed, or stands in the arguments, that makes them needless. */
function isAssumed(
  part: 'username' | 'password',
  has: ReadonlySet<string>,
  { insteadOf }: ClientProfile,
): boolean {
  if (has.has(part)) return true;
  const instead = insteadOf?.[part];
  if (instead === undefined) return true;
  return instead.length === 0 ? has.size === 0 : !instead.some((key) => has.has(key));
}

/**
 * The keys that a client's arguments show, with their values. A placeholder that is an argument of its own is known by the argument
 * before it; else it shows nothing.
 */
function keysIn(templates: readonly Argument[], shown: readonly string[]): ReadonlyMap<string, string> {
  const groups = templates.map((argument, index) => {
    const group = templatesOf([argument]);
    const before = templates[index - 1];
    const isPair = isBare(group[0]) && typeof before === 'string' && !before.includes('{');
    return isPair ? [before, ...group] : group;
  });
  return new Map(
    groups.flatMap((group) => {
      if (isBare(group[0])) return [];
      const patterns = group.map(patternOf);
      const matches = shown
        .map((_, start) => patterns.map((pattern, index) => pattern.exec(shown[start + index] ?? '\n')))
        .find((found) => found.every((match) => match !== null));
      return [...(matches ?? [])].flatMap((match) => Object.entries(match?.groups ?? {}));
    }),
  );
}

function isBare(template = ''): boolean {
  return /^\{\w+\}$/.test(template);
}

/** A pattern of what a template can become, with a named group for each key. Of `{?key}`, it holds that the site has the key. */
function patternOf(template: string): RegExp {
  const names = new Set<string>();
  const source = template
    .split(/(\{[!?]?\w+\})/)
    .map((part) => {
      const [, only = '', key = ''] = /^\{([!?]?)(\w+)\}$/.exec(part) ?? [];
      if (key === '') return part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
      if (only === '!' || names.has(key)) return only === '' ? '.*' : '';
      names.add(key);
      return only === '?' ? `(?<${key}>)` : `(?<${key}>.+)`;
    })
    .join('');
  return new RegExp(`^${source}$`);
}
