import * as v from 'valibot';
import type { Result } from '../../model/result.ts';
import { oldFormOfIPv4 } from './address.ts';
import { camelCase } from './camel-case.ts';

/*
 * Each message in the schema says what was expected, in words that follow "expected". validate.ts adds the place and
 * what kind of value is there, never the value.
 */

/** The longest interval, in seconds. setTimeout accepts at most 2^31 - 1 ms; a longer time would be over at once. */
export const MAX_SECONDS = 2_147_483;
/** {@link MAX_SECONDS} in hours. */
export const MAX_HOURS = 596;
/** Ten years, in days. The name of a CSV file has two digits for the year. */
export const MAX_DAYS = 3660;
/** A week, in minutes: the longest time that a gateway may stay untested. */
export const MAX_MINUTES = 10_080;
/** The longest single wait of a test, in seconds. The sum of all waits must stay below {@link MAX_SECONDS}. */
export const MAX_WAIT_SECONDS = 3600;
/** The longest text, in characters. A line of a terminal has at most 4095 bytes, a character up to four. */
export const MAX_LENGTH = 1000;

/** A text that is not empty. */
export const string = v.pipe(
  v.string('a string'),
  v.nonEmpty('a string that is not empty'),
  v.maxLength(MAX_LENGTH, `at most ${MAX_LENGTH} characters`),
);

/** A host name or an address. It becomes an argument of ping. */
export const host = v.pipe(
  string,
  v.regex(/^[^\s/@,;<>[\]-][^\s/@,;<>[\]]*$/, 'a host name or an address, without spaces or a leading -'),
  v.check(
    (text) => oldFormOfIPv4(text) === undefined,
    ({ input }) => `four decimal numbers: ${oldFormOfIPv4(input) ?? ''}`,
  ),
);

/** A path of a file or a folder. No shell reads it: `~` would be a folder with that name. */
export const path = v.pipe(string, v.regex(/^(?!~(?:\/|$))/, 'a whole path (~ is not expanded)'));

/** The name of a file in the results folder. Names with a leading dot are reserved for the monitor. */
export const plainName = v.pipe(
  string,
  v.maxLength(100, 'at most 100 characters'),
  v.regex(/^[^/.-][^/]*$/, 'a plain name: no path, and no . or - at its beginning'),
);

/** A program: its name in PATH, or its path. */
export const command = v.pipe(
  string,
  v.regex(/^(?!-|~(?:\/|$))/, 'a command: a whole path (~ is not expanded) or a name in PATH'),
);

/** A plain name for a file in the results folder, or the path of a file elsewhere, with the same rules for its name. */
export const nameOrPath = v.pipe(
  string,
  v.regex(
    /^(?!~\/)(?:.*\/)?[^/.-][^/]{0,99}$/,
    'a name or a path (~ is not expanded): no . or - at the beginning of the name, at most 100 characters',
  ),
);

/** A yes or a no. */
export const flag = v.boolean('true or false');

/** A length of time, in milliseconds. */
export function milliseconds(min: number, max: number) {
  return time('milliseconds', min, max);
}

/** A length of time, in seconds. */
export function seconds(min: number, max: number) {
  return time('seconds', min, max);
}

/** A length of time, in minutes. */
export function minutes(min: number, max: number) {
  return time('minutes', min, max);
}

/** A length of time, in hours. */
export function hours(min: number, max: number) {
  return time('hours', min, max);
}

function time(unit: string, min: number, max: number) {
  const expected = `a number of ${unit} from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.minValue(min, expected), v.maxValue(max, expected));
}

const PERCENT = 'a number of percent from 0 to 100';

/** A share, in percent. */
export const percent = v.pipe(v.number(PERCENT), v.minValue(0, PERCENT), v.maxValue(100, PERCENT));

/** A whole number. */
export function count(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

/** A step of a pipe that replaces a value with what `parse` makes of it. A failure says what was expected. */
export function parsed<I, O>(parse: (input: I) => Result<O>) {
  return v.rawTransform<I, O>(({ dataset, addIssue, NEVER }) => {
    const result = parse(dataset.value);
    if (result.ok) return result.value;
    addIssue({ message: result.why });
    return NEVER;
  });
}

/** A mapping with exactly these keys, beside those that begin with `x-`. */
export function mapping<const E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, 'a mapping');
}

/** The settings of a mapping as the program has them, with names in camelCase. `text` describes the mapping. */
export function section<S extends v.GenericSchema<unknown, object>>(schema: S, text: string) {
  return v.pipe(
    schema,
    v.description(text),
    v.transform((output: v.InferOutput<S>) => camelCase(output)),
  );
}

/** A key that must be there. `text` describes it to users: in editors and in config.example.yml. */
export function required<S extends v.GenericSchema>(schema: S, text: string) {
  return v.pipe(schema, v.description(text));
}

/** A key that has a default. `text` describes it to users, as for {@link required}. */
export function withDefault<S extends v.GenericSchema, const D extends v.InferInput<S>>(
  schema: S,
  byDefault: D,
  text: string,
) {
  const shown = Array.isArray(byDefault) ? `[${byDefault.join(', ')}]` : String(byDefault);
  return v.optional(v.pipe(schema, v.description(`${text} Default: ${shown}.`)), byDefault);
}

/** A key that may be left out and then has no value. `text` describes it to users, as for {@link required}. */
export function optional<S extends v.GenericSchema>(schema: S, text: string) {
  return v.optional(v.pipe(schema, v.description(text)));
}

const password = v.pipe(
  v.string('a string'),
  v.nonEmpty('a password that is not empty'),
  v.maxLength(MAX_LENGTH, `a password of at most ${MAX_LENGTH} characters`),
);

/** The keys that can hold a secret, or name its file or its environment variable. At most one of them may be there. */
export function secretKeys(name: string): readonly string[] {
  return [name, `${name}_file`, `${name}_env`];
}

/** A secret that is no password. */
export const secretText = v.pipe(
  v.string('a string'),
  v.nonEmpty('a secret that is not empty'),
  v.maxLength(MAX_LENGTH, `a secret of at most ${MAX_LENGTH} characters`),
);

/** The name of an environment variable. */
export const variable = v.pipe(
  string,
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
);

/** The three keys that can hold or name a password. `readCredential` checks that exactly one of them is there. */
export const credential = {
  password: optional(password, 'The password itself. The config should then have mode 0600.'),
  password_file: optional(
    path,
    'Instead of password: the file that holds it, with or without a newline at its end.',
  ),
  password_env: optional(variable, 'Instead of password: the environment variable that holds it.'),
};
