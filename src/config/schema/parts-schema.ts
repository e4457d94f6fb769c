import * as v from 'valibot';

/*
 * Every message in the schema is what was expected, as it stands after "expected": the rest of the line is made from
 * where it stands and what kind of value is there, never from the value.
 */

/** The longest interval, in seconds: setTimeout takes at most 2^31 - 1 ms, and what is longer runs out at once. */
export const MAX_SECONDS = 2_147_483;
/** The same in hours. */
export const MAX_HOURS = 596;
/** Ten years, in days: the years of files are told by two digits. */
export const MAX_DAYS = 3660;
/** A week, in minutes: no longer is a gateway left without an attempt. */
export const MAX_MINUTES = 10_080;
/** The longest single wait within a test, in seconds: all of them together must stay below {@link MAX_SECONDS}. */
export const MAX_WAIT_SECONDS = 3600;
/** The longest text, in characters: a terminal's line takes 4095 bytes, and a character is up to four. */
export const MAX_LENGTH = 1000;

/** A text that is not empty. */
export const string = v.pipe(
  v.string('a string'),
  v.nonEmpty('a string that is not empty'),
  v.maxLength(MAX_LENGTH, `at most ${MAX_LENGTH} characters`),
);

/** A host name or an address, which becomes an argument of ping. */
export const host = v.pipe(
  string,
  v.regex(/^[^\s/@,;<>[\]-][^\s/@,;<>[\]]*$/, 'a host name or an address, without spaces or a leading -'),
);

/** A path of a file or a folder. No shell reads it, so that `~` would be a folder of that name. */
export const path = v.pipe(string, v.regex(/^(?!~(?:\/|$))/, 'a whole path (~ is not expanded)'));

/** The name of a file in the results folder; names with a leading dot are the monitor's own there. */
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

/** A yes or a no. */
export const flag = v.boolean('true or false');

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

/** A number of things. */
export function count(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

/** A key with its text for editors. */
export function described<S extends v.GenericSchema>(schema: S, text: string) {
  return v.pipe(schema, v.description(text));
}

/** A key that may be left out and then has a value all the same. */
export function setting<S extends v.GenericSchema, const D extends v.InferInput<S>>(
  schema: S,
  otherwise: D,
  text: string,
) {
  return v.optional(v.pipe(schema, v.description(`${text} Default: ${shown(otherwise)}.`)), otherwise);
}

/** A key that may be left out and then has no value. */
export function choice<S extends v.GenericSchema>(schema: S, text: string) {
  return v.optional(v.pipe(schema, v.description(text)));
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

const password = v.pipe(
  v.string('a string'),
  v.nonEmpty('a password that is not empty'),
  v.maxLength(MAX_LENGTH, `a password of at most ${MAX_LENGTH} characters`),
);

/** The three ways to say a password. Exactly one is needed; that is checked where it is read. */
export const credential = {
  password: choice(password, 'The password itself. The config should then have mode 0600.'),
  password_file: choice(
    path,
    'Instead of password: the file that holds it, with or without a newline at its end.',
  ),
  password_env: choice(
    v.pipe(string, v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')),
    'Instead of password: the environment variable that holds it.',
  ),
};
