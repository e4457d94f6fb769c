import * as v from 'valibot';
import { oneOf } from '../yaml/problem.ts';
import { argument, CHOICES, choice, groupPattern, list, pattern } from './client-values-schema.ts';
import { mapping, optional, required, string } from './parts-schema.ts';
import { isCommon } from './site-schema.ts';

/** The name of a key that a client adds to its sites. */
export const KeyNameSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]{0,39}$/, 'a name of a-z, 0-9 and _, at most 40, a letter first'),
  v.check((name) => !isCommon(name), 'another name: every site may have this key'),
  // valibot's record drops these.
  v.check((name) => name !== 'constructor' && name !== 'prototype', 'another name: this one is taken'),
);

const KINDS = ['required', 'optional', 'file', 'optional-file', 'secret', 'optional-secret'] as const;
const KIND = oneOf(KINDS);
const kind = v.picklist(KINDS, KIND);
const FORMS = `${KIND}, a list of values, or a mapping with kind`;

const keyInDetail = v.pipe(
  mapping({
    kind: required(kind, 'What the key is: see keys.'),
    value: optional(
      mapping({
        pattern: required(pattern, 'A pattern that its value matches.'),
        expected: required(string, 'What the value is, for the message about another one.'),
      }),
      'For required and optional: what its value must be. Default: any text that does not begin with -.',
    ),
    gateway: optional(
      groupPattern,
      'For a file that decides where the client logs in: finds the hosts in it, each the first group of a match. check warns if vpn_gw is none of them. Default: vpn_gw decides.',
    ),
    unwatched: optional(
      groupPattern,
      'For a file: finds the lines that keep the client from being watched, each the first group of a match. check names them. Default: none.',
    ),
    adds: optional(
      mapping({
        args: required(list(argument, 20, 'argument'), 'Arguments that the client gets before all others.'),
        unless: required(pattern, 'Not if the text of the file matches this pattern.'),
      }),
      'For a file: arguments that depend on what is in it. Default: none.',
    ),
  }),
  v.check(
    ({ kind, value }) => value === undefined || kind === 'required' || kind === 'optional',
    'a value for required and optional only',
  ),
  v.check(
    ({ kind, gateway, unwatched, adds }) =>
      kind.endsWith('file') || [gateway, unwatched, adds].every((each) => each === undefined),
    'gateway, unwatched and adds for file and optional-file only',
  ),
);

/** The keys that the sites of a client have beside the common ones. */
export const keys = optional(
  v.pipe(
    v.record(
      KeyNameSchema,
      v.union([kind, list(choice, CHOICES, 'value'), keyInDetail], FORMS),
      'a mapping of keys',
    ),
    v.maxEntries(20, 'at most 20 keys'),
  ),
  'The keys that its sites have beside the common ones: required, optional, file (a path, required), optional-file, secret (typed only; KEY, KEY_file or KEY_env) or optional-secret; or a list: the values that an optional key may have, the first being that of a site without it; or a mapping with one of those words as kind and more about the key. Default: none.',
);
