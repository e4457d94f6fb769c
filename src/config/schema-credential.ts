import * as v from 'valibot';
import { choice, MAX_LENGTH, path, string } from './schema-parts.ts';

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
