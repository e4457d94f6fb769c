import * as v from 'valibot';
import { PERMISSIONS } from '../../clients/profile.ts';
import type { Cause } from '../../model/test-result.ts';
import { oneOf } from '../yaml/problem.ts';
import { command, optional, parsed, required, string } from './parts-schema.ts';
import { parsePattern } from './pattern.ts';

/** The causes that the output of a client can show. */
const CAUSES = [
  'credentials-rejected',
  'password-expired',
  'account-locked',
  'second-factor',
  'session-limit',
  'no-such-group',
  'client-busy',
  'refused',
  'tls',
  'unreachable',
  'name-not-resolved',
  'prompt-not-seen',
  'client-exited',
  'client-not-started',
] as const satisfies readonly Cause[];
/** A regular expression, or a text that is looked for. */
export const pattern = v.pipe(
  v.string('a string'),
  v.nonEmpty('a pattern that is not empty'),
  v.maxLength(500, 'a pattern of at most 500 characters'),
  parsed(parsePattern),
);

/** A pattern that finds something: its first group. */
export const groupPattern = v.pipe(
  pattern,
  v.check(
    ({ regex }) => (new RegExp(`${regex.source}|`).exec('')?.length ?? 1) > 1,
    'a pattern with a group: (...) around what it finds',
  ),
);

/** An argument of a command, which everybody on the host can read. */
export const argument = v.pipe(
  string,
  v.check(
    (text) => !/\{\s*password\s*\}/i.test(text),
    'an argument without {password}: everybody on the host can read it there, send it at a prompt',
  ),
);

/** What a text means. */
export const cause = v.picklist(CAUSES, oneOf(CAUSES));
const PERMISSION = 'end-sessions or terms';
/** What must stand before a text. */
export const within = optional(
  pattern,
  'Counts only if one of the lines before it, since the last answer, matches this pattern. Default: it always counts.',
);
/** What `login.allow` may have. */
export const permission = v.picklist(PERMISSIONS, PERMISSION);
/** What a failure says. */
export const words = optional(
  string,
  'What the failure says. {line} is the matched line, {list} the numbered choices since the last answer; {key}, and named groups of expect and within, are replaced as well. Default: the matched line.',
);

/** A value that a key may have. */
export const choice = v.pipe(
  string,
  v.regex(/^[\w][\w.-]{0,39}$/, 'a word of letters, digits, ., - and _, at most 40'),
);
/** The most values that a key may have. */
export const CHOICES = 20;
/** The sites for which a step or a failure is. */
export const where = optional(
  v.pipe(
    v.record(v.string(), list(choice, CHOICES, 'value'), 'a mapping of keys to lists of values'),
    v.maxEntries(5, 'at most 5 keys'),
  ),
  'Only at sites where each of these keys has one of the listed values. The keys are those of this client whose values are listed. Default: at all sites.',
);

/** The keys of a command beside the client. */
export const sideCommand = {
  command: required(
    v.pipe(
      command,
      v.check((name) => /^(?:\/|[^/]+$)/.test(name), 'a command: an absolute path or a name in PATH'),
    ),
    'A command beside the client: a name in PATH, or an absolute path.',
  ),
  args: optional(list(argument, 100, 'argument'), 'Its arguments, as those of the client. Default: none.'),
};

/** A list of 1 to `most` items, which messages call `what`. */
export function list<S extends v.GenericSchema>(item: S, most: number, what: string) {
  return v.pipe(
    v.array(item, `a list of ${what}s`),
    v.nonEmpty(`a list of at least one ${what}`),
    v.maxLength(most, `a list of at most ${most} ${what}s`),
  );
}
