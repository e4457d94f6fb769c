import * as v from 'valibot';
import { cause, pattern, permission, where, within, words } from './client-values-schema.ts';
import { count, flag, MAX_LENGTH, mapping, optional, required, string, withDefault } from './parts-schema.ts';

const listed = mapping({
  group: required(string, 'The named group of within that matches what the question shows.'),
  key: required(string, 'The key of the site that lists what is accepted, separated by commas or blanks.'),
  send: optional(string, 'What is typed for anything else. Default: nothing.'),
  cause: required(cause, 'What anything else means.'),
  words,
});

/** A prompt, and what is typed at it. */
export const step = mapping({
  prompt: optional(
    v.pipe(string, v.maxLength(100, 'at most 100 characters')),
    'The name of this prompt in messages, and for after and before. Steps may share one that each of them has. Default: the text of expect.',
  ),
  expect: required(pattern, 'The prompt, as a pattern.'),
  send: required(
    v.pipe(v.string('a string'), v.maxLength(MAX_LENGTH, `at most ${MAX_LENGTH} characters`)),
    "What is typed, followed by a newline. {password}, {username}, {vpn_gw} and {key} are replaced by the site's values, {totp} by a one-time code that was never typed before, {button:OK} by the number in front of OK in the list before it. {button:OK|1}: 1 if there was no list.",
  ),
  within,
  optional: withDefault(flag, false, 'Whether the client may continue without this prompt.'),
  limit: optional(
    count(1, 20),
    'The prompt may come at any time, and is answered so many times at most. Default: once, in its place.',
  ),
  permission: optional(permission, 'Answered only if login.allow has this. Default: always.'),
  with: optional(
    string,
    'Asked only at sites that have this key. totp: a secret of one-time codes. Also username and password, which such a client does not need then. Default: at all sites.',
  ),
  where,
  listed: optional(listed, 'Answered only if what it shows is listed by the site. Default: always.'),
});

/** A text that ends a log-in. */
export const failure = mapping({
  expect: required(pattern, 'A text that ends the log-in, as a pattern.'),
  cause: required(cause, 'What it means. After credentials-rejected a test never tries again.'),
  unless: optional(
    pattern,
    'Does not count if the same line matches this pattern. Default: it always counts.',
  ),
  within,
  after: optional(string, 'Counts only after this prompt was answered. Default: it always counts.'),
  before: optional(string, 'Counts only until this prompt was answered. Default: it always counts.'),
  words,
  permission: optional(permission, 'Does not count if login.allow has this. Default: it always counts.'),
  without: optional(
    string,
    'Counts only at sites that do not have this key. totp: a secret of one-time codes. Default: it always counts.',
  ),
  where,
  passing: optional(
    pattern,
    'The client may go on after it. It counts if the client then ends or its time is up, unless a later line matches this pattern. Default: it counts at once.',
  ),
  vague: withDefault(flag, false, 'Whether a failure within the next second says more.'),
  rejects: withDefault(
    flag,
    false,
    'For second-factor: whether the gateway has checked an answer, which counts against the account.',
  ),
});

const NOTICES = 'password-expires, grace-logins or new-version';
/** A text that is a warning. */
export const notice = mapping({
  expect: required(
    pattern,
    'A text that is a warning, as a pattern. Named groups: days, hours, minutes, seconds (password-expires), left (grace-logins).',
  ),
  kind: required(
    v.picklist(['password-expires', 'grace-logins', 'new-version'], NOTICES),
    'What it warns of.',
  ),
});
