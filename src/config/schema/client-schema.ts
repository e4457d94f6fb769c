import * as v from 'valibot';
import { PERMISSIONS } from '../../clients/profile.ts';
import type { Cause } from '../../model/test-result.ts';
import { oneOf } from '../yaml/problem.ts';
import {
  command,
  count,
  flag,
  MAX_LENGTH,
  mapping,
  optional,
  parsed,
  required,
  string,
  withDefault,
} from './parts-schema.ts';
import { parsePattern } from './pattern.ts';
import { isCommon } from './site-schema.ts';

/** The name of a client that the config describes. It shows in the log and in mails. */
export const ClientNameSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][\w-]{0,39}$/, 'a name of letters, digits, - and _, at most 40, a letter first'),
);

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
/** The signals that can ask a client to log out. SIGKILL leaves it no time for that. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** Names that processes of other programs have too, such as every java and every shell. Those would be killed. */
const SHARED =
  /^(?:java|node|ruby|perl[\d.]*|python[\d.]*|(?:ba|da|z|k|c|tc|fi|a)?sh|busybox|sudo|su|sshd?|systemd(?:-.*)?|init)$/;
const MAX_NAME_BYTES = 15;
/** Commands that only ask a service to connect: of GlobalProtect, NetworkManager, NetExtender, OpenVPN 3 and strongSwan. */
export const ASKING: ReadonlySet<string> = new Set([
  'globalprotect',
  'nmcli',
  'nxcli',
  'openvpn3',
  'swanctl',
]);

const pattern = v.pipe(
  v.string('a string'),
  v.nonEmpty('a pattern that is not empty'),
  v.maxLength(500, 'a pattern of at most 500 characters'),
  parsed(parsePattern),
);

const groupPattern = v.pipe(
  pattern,
  v.check(
    ({ regex }) => (new RegExp(`${regex.source}|`).exec('')?.length ?? 1) > 1,
    'a pattern with a group: (...) around what it finds',
  ),
);

const argument = v.pipe(
  string,
  v.check(
    (text) => !/\{\s*password\s*\}/i.test(text),
    'an argument without {password}: everybody on the host can read it there, send it at a prompt',
  ),
);

/** The name of a key that a client adds to its sites. */
export const KeyNameSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]{0,39}$/, 'a name of a-z, 0-9 and _, at most 40, a letter first'),
  v.check((name) => !isCommon(name), 'another name: every site may have this key'),
  // valibot's record drops these.
  v.check((name) => name !== 'constructor' && name !== 'prototype', 'another name: this one is taken'),
);

const cause = v.picklist(CAUSES, oneOf(CAUSES));
const PERMISSION = 'end-sessions or terms';
const within = optional(
  pattern,
  'Counts only if one of the lines before it, since the last answer, matches this pattern. Default: it always counts.',
);
const permission = v.picklist(PERMISSIONS, PERMISSION);
const words = optional(
  string,
  'What the failure says. {line} is the matched line, {list} the numbered choices since the last answer; {key}, and named groups of expect and within, are replaced as well. Default: the matched line.',
);

const choice = v.pipe(
  string,
  v.regex(/^[\w][\w.-]{0,39}$/, 'a word of letters, digits, ., - and _, at most 40'),
);
const CHOICES = 20;
const where = optional(
  v.pipe(
    v.record(v.string(), list(choice, CHOICES, 'value'), 'a mapping of keys to lists of values'),
    v.maxEntries(5, 'at most 5 keys'),
  ),
  'Only at sites where each of these keys has one of the listed values. The keys are those of this client whose values are listed. Default: at all sites.',
);

const listed = mapping({
  group: required(string, 'The named group of within that matches what the question shows.'),
  key: required(string, 'The key of the site that lists what is accepted, separated by commas or blanks.'),
  send: optional(string, 'What is typed for anything else. Default: nothing.'),
  cause: required(cause, 'What anything else means.'),
  words,
});

const step = mapping({
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

const failure = mapping({
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
const notice = mapping({
  expect: required(
    pattern,
    'A text that is a warning, as a pattern. Named groups: days, hours, minutes, seconds (password-expires), left (grace-logins).',
  ),
  kind: required(
    v.picklist(['password-expires', 'grace-logins', 'new-version'], NOTICES),
    'What it warns of.',
  ),
});

const sideCommand = {
  command: required(
    v.pipe(
      command,
      v.check((name) => /^(?:\/|[^/]+$)/.test(name), 'a command: an absolute path or a name in PATH'),
    ),
    'A command beside the client: a name in PATH, or an absolute path.',
  ),
  args: optional(list(argument, 100, 'argument'), 'Its arguments, as those of the client. Default: none.'),
};

const instead = list(string, 20, 'key');

const success = mapping({
  expect: required(pattern, 'The text of a successful log-in, as a pattern.'),
  unless: optional(
    pattern,
    'Does not count if the same line matches this pattern. Default: it always counts.',
  ),
  shown_by: optional(
    mapping({
      ...sideCommand,
      wakes: optional(
        flag,
        'Whether a packet brings it about: internal_ip is pinged meanwhile. Default: no.',
      ),
      cause: required(cause, 'What it means if the text is not there within login.step_timeout.'),
      words,
    }),
    'The command in whose output the text is, after the client has returned with status 0. It is run again and again. Default: the text is in the output of the client.',
  ),
});

const logout = v.pipe(
  mapping({
    line: optional(string, 'A line that is typed.'),
    signal: optional(
      v.picklist(SIGNALS, 'SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 or SIGUSR2'),
      'A signal that is sent.',
    ),
    run: optional(mapping(sideCommand), 'Another command.'),
  }),
  v.check(
    (logout) => Object.values(logout).filter((value) => value !== undefined).length === 1,
    'a line, a signal or run, and only one of them',
  ),
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

const MAX_TABLE = 4_294_967_295;
/** The tables default, main and local, which are everybody's. */
const SHARED_TABLES = [253, 254, 255];
const GROUP = 'a string, or a list of strings that are given only together';
const argumentGroup = v.union([argument, list(argument, 20, 'argument')], GROUP);

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

const location = {
  command: required(
    command,
    'The command: a name in PATH, or a path. A relative path has a slash in it and starts at the folder of the config.',
  ),
};

const profile = {
  args: optional(
    list(argumentGroup, 100, 'argument'),
    "The arguments of the command. {vpn_gw}, {username} and {key} are replaced by the site's values. An argument is left out if the site does not have its key; a list of arguments is left out as a whole. {!key} is replaced by nothing; the argument is left out if the site has the key; {?key}: if it does not. In these two the key may also be a secret, password or totp (a secret of one-time codes). Default: none.",
  ),
  keys: optional(
    v.pipe(
      v.record(
        KeyNameSchema,
        v.union([kind, list(choice, CHOICES, 'value'), keyInDetail], FORMS),
        'a mapping of keys',
      ),
      v.maxEntries(20, 'at most 20 keys'),
    ),
    'The keys that its sites have beside the common ones: required, optional, file (a path, required), optional-file, secret (typed only; KEY, KEY_file or KEY_env) or optional-secret; or a list: the values that an optional key may have, the first being that of a site without it; or a mapping with one of those words as kind and more about the key. Default: none.',
  ),
  instead_of: optional(
    mapping({
      username: optional(
        instead,
        'What a site may have instead of a username. Default: as without instead_of.',
      ),
      password: optional(
        instead,
        'What a site may have instead of a password. Default: as without instead_of.',
      ),
    }),
    'Keys of this client, or totp, of which a site has at least one if it has no username or no password. Default: a site needs those two only where an argument, or a step without with, has them.',
  ),
  dialogue: optional(
    list(step, 20, 'step'),
    'Its prompts in their order, and what is typed at each. Default: it has no prompts.',
  ),
  failures: optional(list(failure, 100, 'failure'), 'Texts that end a log-in at once. Default: none.'),
  notices: optional(list(notice, 20, 'notice'), 'Texts that are warnings. Default: none.'),
  ends: optional(
    list(pattern, 20, 'pattern'),
    'Texts, as patterns, that mean that the session has ended after its success. Default: none.',
  ),
  logout: optional(
    logout,
    'What makes it log out and end: a line, a signal or another command. Default: SIGTERM.',
  ),
  returns: withDefault(
    flag,
    false,
    'Whether it returns with status 0 once it has brought the session up, and leaves that to the kernel or to a service.',
  ),
  device: optional(
    argument,
    'The name of the network device that it makes, with {keys}. If it is left behind, it is removed. Default: not known.',
  ),
  table: optional(
    v.pipe(
      count(1, MAX_TABLE),
      v.check((table) => !SHARED_TABLES.includes(table), 'a table of its own, and not 253, 254 or 255'),
    ),
    'The number of the routing table that a rule of its own looks up (ip rule). If the rule is left behind, it is removed. Default: none.',
  ),
  own: withDefault(
    own,
    'mark',
    'Which leftover processes belong to it and may be killed. mark: those that this monitor started. A list of names: all processes on the host with one of these names.',
  ),
  tunnel: optional(
    v.picklist(['device', 'route', 'unknown', 'none'], 'device, route, unknown or none'),
    'device: the tunnel is a network device; stage 3 waits until the route to internal_ip leaves through it. route: that, or until the source or the routing table of that route is another than before. unknown: the monitor cannot see when the tunnel is up. none: it has no tunnel. Default: unknown.',
  ),
  tls: optional(
    mapping({ port: required(count(1, 65_535), 'The port if vpn_gw names none.') }),
    "The client logs in by TLS at vpn_gw: there the monitor reads the gateway's certificate, at most once an hour, and warns before it expires. Default: it does not.",
  ),
  ppp: withDefault(
    flag,
    false,
    'Whether pppd makes its tunnel. It then needs /dev/ppp: check looks for it, and the unit of vpn-monitor systemd allows it.',
  ),
  setuid: withDefault(
    flag,
    false,
    'Whether it starts a setuid program that runs as root. The unit of vpn-monitor systemd then has fewer restrictions.',
  ),
  host_service: optional(
    flag,
    `Whether it only asks a service of the host to connect. It does not reach that from a cell: its sites need isolation: none, and with auto they are tested on the host. Default: yes for the commands ${[...ASKING].join(', ')}, else no.`,
  ),
  unchecked_without: optional(
    string,
    "The key of this client without which it does not check the gateway's certificate: check and run warn about such sites. Default: it always checks.",
  ),
  home: optional(
    mapping({
      folder: required(
        v.pipe(
          string,
          v.regex(/^(?![/~])(?!(?:.*\/)?\.\.(?:\/|$))/, 'a path in the home folder, without ~ and ..'),
        ),
        'Its folder there, which it must be able to write: check tries.',
      ),
      trust_key: optional(
        string,
        'The key of this client that names the certificates to trust: check warns of others in the folder. Default: none.',
      ),
    }),
    'What it keeps in the home folder of its user (the one in /etc/passwd). Default: nothing.',
  ),
  dns: optional(
    mapping({ mark: required(string, 'A word in resolv.conf that shows that this client changed it.') }),
    'What it does to resolv.conf. Default: nothing.',
  ),
};

const SUCCESS = 'How to recognize a successful log-in.';

/** A built-in client: the config may set its command only. */
export const BuiltInClientSchema = mapping(location);

/** A client that the config describes. */
export const OwnClientSchema = mapping({ ...location, ...profile, success: required(success, SUCCESS) });

/** Either of the two, for editors. */
export const AnyClientSchema = mapping({ ...location, ...profile, success: optional(success, SUCCESS) });

/** A client that the config describes, checked, with its defaults. */
export type OwnClient = v.InferOutput<typeof OwnClientSchema>;

function list<S extends v.GenericSchema>(item: S, most: number, what: string) {
  return v.pipe(
    v.array(item, `a list of ${what}s`),
    v.nonEmpty(`a list of at least one ${what}`),
    v.maxLength(most, `a list of at most ${most} ${what}s`),
  );
}
