import { basename } from 'node:path';
import * as v from 'valibot';
import type { ClientProfile, Failure, Listed, Logout, SiteKey, Step } from '../clients/profile.ts';
import { nearest } from '../words/nearest.ts';
import type { Reading } from './reading.ts';
import { ASKING, KeyNameSchema, type OwnClient, OwnClientSchema } from './schema/client-schema.ts';
import { validate } from './schema/validate.ts';
import { isPlainWord, oneOf, type Path } from './yaml/problem.ts';
import { child, find, type Item, ownEntries, stringOf } from './yaml/tree.ts';

type RawStep = NonNullable<OwnClient['dialogue']>[number];
type RawFailure = NonNullable<OwnClient['failures']>[number];

/** Reads a client that the config describes, and reports each problem with it. */
export function readOwnClient(
  name: string,
  item: Item,
  path: Path,
  { report }: Reading,
): ClientProfile | undefined {
  const raw = validate(OwnClientSchema, item, path, report);
  checkKeyNames(item, path, report);
  checkPlaceholders(item, path, report);
  checkPrompts(item, path, report);
  checkListed(item, path, report);
  checkSiteKeys(item, path, report);
  checkConditions(item, path, report);
  return raw && profileOf(name, raw);
}

function profileOf(name: string, raw: OwnClient): ClientProfile {
  return {
    name,
    described: true,
    command: raw.command,
    args: raw.args ?? [],
    keys: Object.fromEntries(Object.entries(raw.keys ?? {}).map(([key, kind]) => [key, siteKeyOf(kind)])),
    ...insteadOf(raw),
    dialogue: (raw.dialogue ?? []).map(stepOf),
    success: successOf(raw.success),
    failures: (raw.failures ?? []).map(failureOf),
    ...(raw.notices === undefined
      ? {}
      : { notices: raw.notices.map(({ expect, kind }) => ({ expect: expect.regex, kind })) }),
    ...(raw.ends === undefined ? {} : { ends: raw.ends.map(({ regex }) => regex) }),
    logout: logoutOf(raw.logout),
    own:
      raw.own === 'mark'
        ? { by: 'mark' }
        : { by: 'name', processes: raw.own.map((process) => ({ name: process })) },
    tunnel: raw.tunnel ?? 'unknown',
    ...(raw.returns ? { returns: true } : {}),
    ...(raw.device === undefined ? {} : { device: raw.device }),
    ...(raw.tls === undefined ? {} : { tls: raw.tls }),
    ...(raw.ppp ? { ppp: true } : {}),
    ...(raw.setuid ? { setuid: true } : {}),
    ...((raw.host_service ?? ASKING.has(basename(raw.command))) ? { hostService: true } : {}),
    ...(raw.dns === undefined ? {} : { dns: raw.dns }),
  };
}

function siteKeyOf(kind: NonNullable<OwnClient['keys']>[string]): SiteKey {
  if (typeof kind !== 'string') return { required: false, file: false, choices: kind };
  return {
    required: !kind.startsWith('optional'),
    file: kind.endsWith('file'),
    ...(kind.endsWith('secret') ? { secret: true } : {}),
  };
}

/** A site needs no username and no password where no argument and no step of every site has it. */
function insteadOf({
  args = [],
  dialogue = [],
  success,
  logout,
}: OwnClient): Pick<ClientProfile, 'insteadOf'> {
  const templates = [
    ...args.flat(),
    ...(success.shown_by?.args ?? []),
    ...(logout?.run?.args ?? []),
    ...dialogue.filter((step) => step.with === undefined).map(({ send }) => send),
  ];
  const isNeeded = (key: string) => templates.some((template) => template.includes(`{${key}}`));
  const found = {
    ...(isNeeded('username') ? {} : { username: [] }),
    ...(isNeeded('password') ? {} : { password: [] }),
  };
  return Object.keys(found).length === 0 ? {} : { insteadOf: found };
}

function stepOf({ prompt, expect, within, listed, ...step }: RawStep): Step {
  return {
    ...given(step),
    prompt: prompt ?? expect.text,
    expect: expect.regex,
    ...(within === undefined ? {} : { within: within.regex }),
    ...(listed === undefined ? {} : { listed: listedOf(listed) }),
  };
}

function listedOf({ group, key, ...otherwise }: NonNullable<RawStep['listed']>): Listed {
  return { group, key, otherwise: given(otherwise) };
}

function failureOf({ expect, unless, within, passing, vague, rejects, ...failure }: RawFailure): Failure {
  return {
    ...given(failure),
    expect: expect.regex,
    ...(unless === undefined ? {} : { unless: unless.regex }),
    ...(within === undefined ? {} : { within: within.regex }),
    ...(passing === undefined ? {} : { passing: passing.regex }),
    ...(vague ? { vague } : {}),
    ...(rejects ? { rejects } : {}),
  };
}

/** A mapping without the keys that have no value. */
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function given<T extends object>(mapping: T): Given<T>;
function given(mapping: object): unknown {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
}

function logoutOf({ line, signal = 'SIGTERM', run }: NonNullable<OwnClient['logout']> = {}): Logout {
  if (run !== undefined) return { command: run.command, args: run.args ?? [] };
  return line === undefined ? { signal } : { line };
}

function successOf({ expect, unless, shown_by: shownBy }: OwnClient['success']): ClientProfile['success'] {
  const found = { expect: expect.regex, ...(unless === undefined ? {} : { unless: unless.regex }) };
  if (shownBy === undefined) return found;
  const { cause, words, command, args = [], wakes = false } = shownBy;
  return { ...found, shownBy: { command, args, wakes, otherwise: given({ cause, words }) } };
}

/** Checks the names of the keys, also of those that valibot's record drops, such as `constructor`. */
function checkKeyNames(client: Item, path: Path, report: Reading['report']): void {
  for (const [key, { at }] of keysOf(client)) {
    const named = v.safeParse(KeyNameSchema, key, { abortPipeEarly: true });
    if (!named.success)
      report({ at, path: [...path, 'keys', key], text: `expected ${named.issues[0].message}` });
  }
}

/** Checks that each word in braces is a key of the sites. No message holds the word: it may be a secret. */
function checkPlaceholders(client: Item, path: Path, report: Reading['report']): void {
  const keys = ['vpn_gw', 'username', ...keysOf(client).flatMap(([key]) => (isPlainWord(key) ? [key] : []))];
  const secrets = keysOf(client).flatMap(([key, kind]) => (stringOf(kind)?.endsWith('secret') ? [key] : []));
  // What everybody on the host can read.
  const shown = keys.filter((key) => !secrets.includes(key));
  for (const [at, argument] of argumentsIn(client, path)) {
    const group = argument.value.kind === 'sequence' ? argument.value.items : undefined;
    for (const [place, item] of (group ?? [argument]).entries()) {
      // The schema reports a password in an argument.
      const unknown = unknownIn(stringOf(item), shown).filter((word) => !/^password$/i.test(word));
      reportUnknown(item, group === undefined ? at : [...at, place], unknown, shown);
    }
  }
  for (const [index, step] of itemsOf(client, 'dialogue').entries()) {
    const item = child(step.value, 'send');
    const known = [...keys, 'password', 'totp'];
    reportUnknown(item, [...path, 'dialogue', index, 'send'], unknownIn(stringOf(item), known), known);
  }
  for (const [index, failure] of itemsOf(client, 'failures').entries()) {
    const item = child(failure.value, 'words');
    const known = [...keys, 'line', 'list', ...groupsOf(failure, 'expect'), ...groupsOf(failure, 'within')];
    reportUnknown(item, [...path, 'failures', index, 'words'], unknownIn(stringOf(item), known), known);
  }

  function reportUnknown(item: Item | undefined, at: Path, [unknown]: string[], known: readonly string[]) {
    if (item === undefined || unknown === undefined) return;
    const near = nearest(unknown, known);
    const hint = near === undefined ? '' : `, did you mean {${near}}?`;
    const text = `holds something in braces that is not a key: expected ${oneOf(known.map((key) => `{${key}}`))}${hint}`;
    report({ at: item.at, path: at, text });
  }
}

/** All that becomes an argument, with its path. */
function argumentsIn(client: Item, path: Path): [Path, Item][] {
  const lists: string[][] = [['args'], ['success', 'shown_by', 'args'], ['logout', 'run', 'args']];
  const device = child(client.value, 'device');
  return [
    ...lists.flatMap((keys) => {
      const list = find(client.value, ...keys)?.value;
      const items = list?.kind === 'sequence' ? list.items : [];
      return items.map((item, index): [Path, Item] => [[...path, ...keys, index], item]);
    }),
    ...(device === undefined ? [] : [[[...path, 'device'], device] as [Path, Item]]),
  ];
}

/** The words in braces that are not exactly a known one. Braces around anything else are ordinary text. */
function unknownIn(template: string | undefined, known: readonly string[]): string[] {
  const inner = [...(template ?? '').matchAll(/\{[!?]?(\s*[\w-]+\s*)\}/g)].map(([, word = '']) => word);
  return inner.filter((word) => !known.includes(word)).map((word) => word.trim());
}

/** Checks that each prompt has a name of its own, and that each `after` is one of these names. */
function checkPrompts(client: Item, path: Path, report: Reading['report']): void {
  const prompts: string[] = [];
  for (const [index, step] of itemsOf(client, 'dialogue').entries()) {
    const item = child(step.value, 'prompt') ?? child(step.value, 'expect');
    const prompt = stringOf(item);
    const before = prompt === undefined ? -1 : prompts.indexOf(prompt);
    prompts.push(prompt ?? '');
    if (item === undefined || prompt === '' || before === -1) continue;
    const text = `expected another name than that of dialogue[${before}]: give each a prompt of its own`;
    report({ at: item.at, path: [...path, 'dialogue', index, 'prompt'], text });
  }
  for (const [index, failure] of itemsOf(client, 'failures').entries()) {
    for (const key of ['after', 'before']) {
      const item = child(failure.value, key);
      const prompt = stringOf(item);
      if (item === undefined || prompt === undefined || prompt === '' || prompts.includes(prompt)) continue;
      const text = 'expected the prompt of a step of the dialogue';
      report({ at: item.at, path: [...path, 'failures', index, key], text });
    }
  }
}

/** Checks that what a step shows is a group of its pattern, and that a key of the sites lists what is accepted. */
function checkListed(client: Item, path: Path, report: Reading['report']): void {
  const keys = keysOf(client).map(([key]) => key);
  for (const [index, step] of itemsOf(client, 'dialogue').entries()) {
    const listed = child(step.value, 'listed');
    if (listed === undefined) continue;
    const at = [...path, 'dialogue', index, 'listed'];
    const group = child(listed.value, 'group');
    const name = stringOf(group);
    if (group !== undefined && name !== undefined && !groupsOf(step, 'within').includes(name)) {
      report({
        at: group.at,
        path: [...at, 'group'],
        text: 'expected a named group of within: (?<name>...)',
      });
    }
    const key = child(listed.value, 'key');
    const listing = stringOf(key);
    if (key !== undefined && listing !== undefined && !keys.includes(listing)) {
      report({ at: key.at, path: [...at, 'key'], text: 'expected one of the keys of this client' });
    }
  }
}

/** Checks that what a site must have, or must not have, for a step or a failure is a key of its sites. */
function checkSiteKeys(client: Item, path: Path, report: Reading['report']): void {
  const keys = ['totp', 'username', 'password', ...keysOf(client).map(([key]) => key)];
  for (const [list, name] of [
    ['dialogue', 'with'],
    ['failures', 'without'],
  ] as const) {
    for (const [index, each] of itemsOf(client, list).entries()) {
      const item = child(each.value, name);
      const key = stringOf(item);
      if (item === undefined || key === undefined || key === '' || keys.includes(key)) continue;
      const text = 'expected totp, username, password or one of the keys of this client';
      report({ at: item.at, path: [...path, list, index, name], text });
    }
  }
}

/** Checks that the keys of each condition are keys whose values are listed, and that its values are among those. */
function checkConditions(client: Item, path: Path, report: Reading['report']): void {
  const choices = new Map(keysOf(client).map(([key, kind]) => [key, textsOf(kind)]));
  for (const list of ['dialogue', 'failures']) {
    for (const [index, each] of itemsOf(client, list).entries()) {
      const where = child(each.value, 'where')?.value;
      for (const [key, item] of where?.kind === 'mapping' ? ownEntries(where) : []) {
        const known = choices.get(key) ?? [];
        const at = [...path, list, index, 'where', key];
        if (known.length === 0)
          report({ at: item.at, path: at, text: 'expected a key of this client whose values are listed' });
        else if (!textsOf(item).every((text) => known.includes(text)))
          report({ at: item.at, path: at, text: `expected values of this key: ${oneOf(known)}` });
      }
    }
  }
}

/** The texts of a list; an empty list for anything else. */
function textsOf({ value }: Item): string[] {
  return value.kind === 'sequence' ? value.items.flatMap((item) => stringOf(item) ?? []) : [];
}

/** The named groups of a pattern. */
function groupsOf(item: Item, key: string): string[] {
  const text = stringOf(child(item.value, key)) ?? '';
  return [...text.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name = '']) => name);
}

function keysOf(client: Item): readonly [string, Item][] {
  const keys = child(client.value, 'keys')?.value;
  return keys?.kind === 'mapping' ? ownEntries(keys) : [];
}

function itemsOf(client: Item, key: string): readonly Item[] {
  const list = child(client.value, key)?.value;
  return list?.kind === 'sequence' ? list.items : [];
}
