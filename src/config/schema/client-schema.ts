import * as v from 'valibot';
import type { Cause } from '../../model/test-result.ts';
import { choice, command, described, flag, MAX_LENGTH, setting, string } from './parts-schema.ts';
import { parsePattern } from './pattern.ts';
import { isCommon } from './site-schema.ts';

/** The name of a client of the user's own. It stands in the log and in mails. */
export const ClientNameSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][\w-]{0,39}$/, 'a name of letters, digits, - and _, at most 40, a letter first'),
);

/** Why a log-in may fail by what the client prints. */
const CAUSES = [
  'credentials-rejected',
  'refused',
  'tls',
  'unreachable',
  'name-not-resolved',
] as const satisfies readonly Cause[];
/** What may tell a client to log out. SIGKILL leaves it no time to do so. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** Every java, every shell: a name that says nothing of the client would cost others their processes. */
const SHARED =
  /^(?:java|node|ruby|perl[\d.]*|python[\d.]*|(?:ba|da|z|k|c|tc|fi|a)?sh|busybox|sudo|su|sshd?|systemd(?:-.*)?|init)$/;
const MAX_NAME_BYTES = 15;

const pattern = v.pipe(
  v.string('a string'),
  v.nonEmpty('a pattern that is not empty'),
  v.maxLength(500, 'a pattern of at most 500 characters'),
  v.check(
    (text) => 'regex' in parsePattern(text),
    ({ input }) => {
      const parsed = parsePattern(input);
      return 'expected' in parsed ? parsed.expected : 'a pattern';
    },
  ),
);

const argument = v.pipe(
  string,
  v.check(
    (text) => !/\{\s*password\s*\}/i.test(text),
    'an argument without {password}: everybody on the host can read it there, send it at a prompt',
  ),
);

/** The name of a key that a client has its sites say. */
export const KeyNameSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]{0,39}$/, 'a name of a-z, 0-9 and _, at most 40, a letter first'),
  v.check((name) => !isCommon(name), 'another name: every site may have this key'),
  // valibot's record drops it.
  v.check((name) => name !== 'constructor' && name !== 'prototype', 'another name: this one is taken'),
);

const step = v.strictObject(
  {
    prompt: choice(
      v.pipe(string, v.maxLength(100, 'at most 100 characters')),
      'How messages call it. Default: the text of expect.',
    ),
    expect: described(pattern, 'The prompt, as a pattern.'),
    send: described(
      v.pipe(v.string('a string'), v.maxLength(MAX_LENGTH, `at most ${MAX_LENGTH} characters`)),
      'What is typed, a newline added: {password}, {username}, {vpn_gw} and {key} stand for what the site says.',
    ),
    optional: setting(flag, false, 'Whether the client may go on without this prompt.'),
  },
  'a mapping',
);

const failure = v.strictObject(
  {
    expect: described(pattern, 'A text that ends the log-in, as a pattern.'),
    cause: described(
      v.picklist(CAUSES, 'credentials-rejected, refused, tls, unreachable or name-not-resolved'),
      'What it means. credentials-rejected is never tried twice in one test.',
    ),
    after: choice(string, 'The prompt that must have been answered before. Default: none.'),
  },
  'a mapping',
);

const success = v.strictObject(
  {
    expect: described(pattern, 'The text of a log-in that succeeded, as a pattern.'),
    unless: choice(
      pattern,
      'Does not count if its line holds this pattern as well. Default: it always counts.',
    ),
  },
  'a mapping',
);

const logout = v.pipe(
  v.strictObject(
    {
      line: choice(string, 'A line that is typed.'),
      signal: choice(
        v.picklist(SIGNALS, 'SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 or SIGUSR2'),
        'A signal that is sent.',
      ),
    },
    'a mapping',
  ),
  v.check(({ line, signal }) => (line === undefined) !== (signal === undefined), 'either a line or a signal'),
);

const processName = v.pipe(
  string,
  v.check(
    (name) => Buffer.byteLength(name) <= MAX_NAME_BYTES && !name.includes('/'),
    `a process's name, of at most ${MAX_NAME_BYTES} bytes (the kernel cuts it there) and without a /`,
  ),
  v.check((name) => !SHARED.test(name), 'a name that only this client has (or own: mark)'),
);

const OWN = 'mark, or a list of process names';
const own = v.union([v.picklist(['mark'], OWN), list(processName, 20, 'process name')], OWN);

/** Where the command of any client is. */
const where = {
  command: described(
    command,
    'Where its command is. A path with a slash may be relative to the config; a name is looked up in PATH.',
  ),
};

const profile = {
  args: choice(
    list(argument, 100, 'argument'),
    'Its arguments: {vpn_gw}, {username} and {key} stand for what the site says. One that names a key which the site does not have is left out. Default: none.',
  ),
  keys: choice(
    v.pipe(
      v.record(
        KeyNameSchema,
        v.picklist(
          ['required', 'optional', 'file', 'optional-file'],
          'required, optional, file or optional-file',
        ),
        'a mapping of keys',
      ),
      v.maxEntries(20, 'at most 20 keys'),
    ),
    'What its sites say beside what every site says: required, optional, file (a path, required) or optional-file. Default: nothing.',
  ),
  dialogue: choice(
    list(step, 20, 'step'),
    'Its prompts in their order, and what is typed at each. Default: it asks nothing.',
  ),
  failures: choice(list(failure, 50, 'failure'), 'Texts that end a log-in at once. Default: none.'),
  logout: choice(logout, 'How it logs out, to end by itself then: a line or a signal. Default: SIGTERM.'),
  own: setting(
    own,
    'mark',
    'Which processes are its own and are killed if they are left over. mark: what this monitor started. A list of names: all on the host that are called so.',
  ),
  tunnel: choice(
    v.picklist(['device', 'unknown', 'none'], 'device, unknown or none'),
    'device: a network device that appears, and stage 3 waits until the route inside leaves through it. unknown: nobody can tell when it is up. none: it has none. Default: unknown.',
  ),
  setuid: setting(
    flag,
    false,
    "Whether it starts a program that has root's rights by its file (setuid): vpn-monitor systemd then forbids less.",
  ),
  dns: choice(
    v.strictObject(
      { mark: described(string, 'The word in resolv.conf that tells that it changed it.') },
      'a mapping',
    ),
    'What it does to resolv.conf. Default: nothing.',
  ),
};

const SUCCESS = 'How a log-in that succeeded is told.';

/** A built-in client: all but its command is known. */
export const BuiltInClientSchema = v.strictObject(where, 'a mapping');

/** A client of the user's own. */
export const OwnClientSchema = v.strictObject(
  { ...where, ...profile, success: described(success, SUCCESS) },
  'a mapping',
);

/** One or the other. */
export const AnyClientSchema = v.strictObject(
  { ...where, ...profile, success: choice(success, SUCCESS) },
  'a mapping',
);

/** A client of the user's own, defaults filled in. */
export type RawClient = v.InferOutput<typeof OwnClientSchema>;

function list<S extends v.GenericSchema>(item: S, most: number, what: string) {
  return v.pipe(
    v.array(item, `a list of ${what}s`),
    v.nonEmpty(`a list of at least one ${what}`),
    v.maxLength(most, `a list of at most ${most} ${what}s`),
  );
}
