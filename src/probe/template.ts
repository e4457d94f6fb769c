import {
  type Argument,
  type ClientProfile,
  type SideCommand,
  templatesOf,
  type Where,
} from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import { formLines } from '../console/search.ts';
import { failed, good, type Result } from '../model/result.ts';
import type { Secret } from '../model/secret.ts';
import type { Place } from '../system/place.ts';

/** Replaces the placeholders of a template, and returns the first key that the site lacks, or that it has and must not have. */
function fill(
  template: string,
  values: ReadonlyMap<string, string>,
  isThere = (key: string) => values.has(key),
): { readonly text: string; readonly missing: string | undefined } {
  let missing: string | undefined;
  const text = template.replace(/\{([!?]?)(\w+)\}/g, (_, only: string, key: string) => {
    const isGood = only === '' ? values.has(key) : isThere(key) === (only === '?');
    if (!isGood) missing ??= key;
    return only === '' ? (values.get(key) ?? '') : '';
  });
  return { text, missing };
}

/** More than the size of any site's file, in bytes. */
const LARGEST_FILE = 1024 * 1024;

/** The arguments of a client at a site. Reads the site's files that decide which ones it gets. */
export function argumentsFor(
  { args, keys }: ClientProfile,
  site: SiteConfig,
  { readFile }: Pick<Place, 'readFile'>,
): string[] {
  const added = Object.entries(keys).flatMap(([key, { adds }]) => {
    const file = site.clientKeys.get(key);
    if (adds === undefined || file === undefined) return [];
    const seen = readFile(file, LARGEST_FILE);
    return seen.state === 'read' && !adds.unless.test(seen.text) ? adds.args : [];
  });
  const values = shownValuesOf(site);
  const templates = args.flatMap((argument: Argument) => {
    const filled = templatesOf([argument]).map((template) =>
      fill(template, values, (key) => hasKey(site, key)),
    );
    return filled.every(({ missing }) => missing === undefined) ? filled.map(({ text }) => text) : [];
  });
  return [...added, ...templates];
}

/** The program of a command beside the client, and its arguments at a site. Fails if it is not in PATH, or if the site lacks a key. */
export function commandOf(
  { command, args }: SideCommand,
  site: SiteConfig,
  { findCommand }: Pick<Place, 'findCommand'>,
): Result<{ readonly file: string; readonly args: readonly string[] }> {
  const file = findCommand(command);
  if (file === undefined) return failed(`the command ${command} is not there or may not be run`);
  const values = shownValuesOf(site);
  const filledArgs = args.map((template) => fill(template, values));
  const lacking = filledArgs.find(({ missing }) => missing !== undefined);
  return lacking === undefined
    ? good({ file, args: filledArgs.map(({ text }) => text) })
    : failed(`the site does not have the key ${lacking.missing}`);
}

const BUTTON = /\{button:([^{}]+)\}/;

/** Whether the answer to a prompt needs a one-time code. */
export function needsCode(send: string, { totp, clientKeys }: SiteConfig): boolean {
  return (
    (send.includes('{totp}') && !clientKeys.has('totp')) ||
    (send.includes('{password}') && totp?.withPassword === true)
  );
}

/**
 * The answer to a prompt.
 *
 * @param form what the client printed since the last answer
 * @param code the one-time code, if the answer {@link needsCode}
 * @returns the answer, or why there is none.
 */
export function answerTo(send: string, site: SiteConfig, form: string, code?: Secret): Result<string> {
  const values = answersOf(site, code);
  const [button, names] = BUTTON.exec(send) ?? [];
  if (button === undefined || names === undefined) return filled(send, values);
  const number = buttonNumber(names.split('|'), form);
  if (!number.ok) return number;
  const parts = send.split(button).map((part) => filled(part, values));
  const unfilled = parts.find((part) => !part.ok);
  if (unfilled !== undefined) return unfilled;
  return good(parts.map((part) => (part.ok ? part.value : '')).join(number.value));
}

function filled(template: string, values: ReadonlyMap<string, string>): Result<string> {
  const { text, missing } = fill(template, values);
  return missing === undefined
    ? good(text)
    : failed(`the client asks for ${missing}, which the site does not have`);
}

function buttonNumber(names: readonly string[], form: string): Result<string> {
  const choices = choicesIn(form);
  const byDefault = names.find((name) => /^\d+$/.test(name));
  const wanted = names.filter((name) => name !== byDefault);
  for (const name of wanted) {
    const choice = choices.findLast(({ label }) => label.toLowerCase() === name.toLowerCase());
    if (choice !== undefined) return good(choice.number);
  }
  if (choices.length === 0 && byDefault !== undefined) return good(byDefault);
  const listed = choices.length === 0 ? 'nothing' : choices.map(({ label }) => label).join(', ');
  return failed(`the client does not offer ${wanted.join(' or ')} to choose, but ${listed}`);
}

/** The numbered choices of a form: `1. OK`. */
export function choicesIn(form: string): readonly { readonly number: string; readonly label: string }[] {
  return formLines(form).flatMap((line) => {
    const [, number, label] = /^(\d{1,3})\.[ \t]+(\S.*)$/.exec(line) ?? [];
    return number === undefined || label === undefined ? [] : [{ number, label }];
  });
}

/** Normalises a text for comparison: fingerprints may be written with or without colons. */
function compared(text: string): string {
  return text.replaceAll(':', '').toUpperCase();
}

/** The texts that a key of the site lists, separated by commas or blanks. */
export function listedTexts(site: SiteConfig, key: string): readonly string[] {
  return (site.clientKeys.get(key) ?? '').split(/[\s,]+/).filter((text) => text !== '');
}

/** Whether a key of the site lists a text. Case and colons are ignored. */
export function isListed(site: SiteConfig, key: string, text: string): boolean {
  return listedTexts(site, key).some((listed) => compared(listed) === compared(text));
}

/** The words of a failure, a template: {@link Failure.words}. Placeholders without a value stay unchanged. */
export function wordsOf(words: string, site: SiteConfig, shown: ReadonlyMap<string, string>): string {
  const values = shownValuesOf(site);
  return words.replace(/\{(\w+)\}/g, (found, key: string) => shown.get(key) ?? values.get(key) ?? found);
}

/** Whether the site has a value for a placeholder, or a secret of one-time codes for `totp`. */
export function hasKey(site: SiteConfig, key: string): boolean {
  return (key === 'totp' && site.totp !== undefined) || answersOf(site).has(key);
}

/** Whether a condition holds at a site. */
export function isWhere({ client, clientKeys }: SiteConfig, where: Where = {}): boolean {
  return Object.entries(where).every(([key, values]) => {
    const value = clientKeys.get(key) ?? client.keys[key]?.choices?.[0];
    return value !== undefined && values.includes(value);
  });
}

/** The values that may be shown: in arguments, which every user of the host can read, and in messages. */
function shownValuesOf(site: SiteConfig): ReadonlyMap<string, string> {
  const { clientKeys, vpnGw, username } = site;
  return new Map([...clientKeys, ['vpn_gw', vpnGw], ...entry('username', username)]);
}

function entry(key: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[key, value]];
}

/** The values that may be typed. */
function answersOf(site: SiteConfig, code?: Secret): ReadonlyMap<string, string> {
  const { password, clientSecrets, totp } = site;
  const behind = totp?.withPassword === true ? (code?.reveal() ?? '') : '';
  return new Map([
    ...entry('totp', code?.reveal()),
    ...[...(clientSecrets ?? [])].map(([key, secret]) => [key, secret.reveal()] as const),
    ...shownValuesOf(site),
    ...entry('password', password && password.reveal() + behind),
  ]);
}
