import * as v from 'valibot';
import { nearest } from '../words/nearest.ts';
import { KeyNameSchema } from './schema/client-keys-schema.ts';
import { isPlainWord, oneOf, type Path, type Report } from './yaml/problem.ts';
import { child, find, type Item, ownEntries, stringOf } from './yaml/tree.ts';

/** Checks what no schema can: that the names in a client that the config describes are names of something. Reports each problem. */
export function checkOwnClient(item: Item, path: Path, report: Report): void {
  checkKeyNames(item, path, report);
  checkPlaceholders(item, path, report);
  checkPrompts(item, path, report);
  checkListed(item, path, report);
  checkSiteKeys(item, path, report);
  checkOwnKeys(item, path, report);
  checkConditions(item, path, report);
}

/** Checks the names of the keys, also of those that valibot's record drops, such as `constructor`. */
function checkKeyNames(client: Item, path: Path, report: Report): void {
  for (const [key, { at }] of keysOf(client)) {
    const named = v.safeParse(KeyNameSchema, key, { abortPipeEarly: true });
    if (!named.success)
      report({ at, path: [...path, 'keys', key], text: `expected ${named.issues[0].message}` });
  }
}

/** Checks that each word in braces is a key of the sites. No message holds the word: it may be a secret. */
function checkPlaceholders(client: Item, path: Path, report: Report): void {
  const keys = ['vpn_gw', 'username', ...keysOf(client).flatMap(([key]) => (isPlainWord(key) ? [key] : []))];
  const secrets = keysOf(client).flatMap(([key, kind]) => (kindWord(kind)?.endsWith('secret') ? [key] : []));
  // What everybody on the host can read.
  const shown = keys.filter((key) => !secrets.includes(key));
  for (const [at, argument] of argumentsIn(client, path)) {
    const group = argument.value.kind === 'sequence' ? argument.value.items : undefined;
    // Whether a site has a secret may be shown.
    const asked = at[path.length] === 'args' ? [...keys, 'password', 'totp'] : shown;
    for (const [place, item] of (group ?? [argument]).entries()) {
      // The schema reports a password in an argument.
      const template = stringOf(item)?.replaceAll(/\{\s*password\s*\}/gi, '');
      const unknown = unknownIn(template, shown, asked);
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

/**
 * The words in braces that are not exactly a known one. Braces around anything else are ordinary text.
 *
 * @param asked the words that may follow `!` or `?`: nothing is put in their place.
 */
function unknownIn(
  template: string | undefined,
  known: readonly string[],
  asked: readonly string[] = known,
): string[] {
  const found = [...(template ?? '').matchAll(/\{([!?]?)(\s*[\w-]+\s*)\}/g)];
  return found.flatMap(([, only, word = '']) =>
    (only === '' ? known : asked).includes(word) ? [] : [word.trim()],
  );
}

/** Checks that each prompt has a name of its own, or one that several steps say they share, and that each `after` is one of these names. */
function checkPrompts(client: Item, path: Path, report: Report): void {
  const prompts: string[] = [];
  const named: boolean[] = [];
  for (const [index, step] of itemsOf(client, 'dialogue').entries()) {
    const name = child(step.value, 'prompt');
    const item = name ?? child(step.value, 'expect');
    const prompt = stringOf(item);
    const before = prompt === undefined ? -1 : prompts.indexOf(prompt);
    prompts.push(prompt ?? '');
    named.push(name !== undefined);
    if (item === undefined || prompt === '' || before === -1) continue;
    if (name !== undefined && named[before] === true) continue;
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
function checkListed(client: Item, path: Path, report: Report): void {
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
function checkSiteKeys(client: Item, path: Path, report: Report): void {
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

/** Checks that what the client says of single keys is about its own. */
function checkOwnKeys(client: Item, path: Path, report: Report): void {
  const keys = keysOf(client).map(([key]) => key);
  const single = [['unchecked_without'], ['home', 'trust_key']].map((place) => ({ place, known: keys }));
  const lists = ['username', 'password'].flatMap((part) => {
    const list = find(client.value, 'instead_of', part)?.value;
    const items = list?.kind === 'sequence' ? list.items : [];
    return items.map((_, index) => ({ place: ['instead_of', part, index], known: [...keys, 'totp'] }));
  });
  for (const { place, known } of [...single, ...lists]) {
    const item = place.reduce<Item | undefined>((found, key) => found && child(found.value, key), client);
    const key = stringOf(item);
    if (item === undefined || key === undefined || key === '' || known.includes(key)) continue;
    const also = known === keys ? '' : 'totp or ';
    report({
      at: item.at,
      path: [...path, ...place],
      text: `expected ${also}one of the keys of this client`,
    });
  }
}

/** Checks that the keys of each condition are keys whose values are listed, and that its values are among those. */
function checkConditions(client: Item, path: Path, report: Report): void {
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

/** What kind of key it is; `undefined` for a list of values. */
function kindWord(item: Item): string | undefined {
  return stringOf(item) ?? stringOf(child(item.value, 'kind'));
}

function keysOf(client: Item): readonly [string, Item][] {
  const keys = child(client.value, 'keys')?.value;
  return keys?.kind === 'mapping' ? ownEntries(keys) : [];
}

function itemsOf(client: Item, key: string): readonly Item[] {
  const list = child(client.value, key)?.value;
  return list?.kind === 'sequence' ? list.items : [];
}
