import * as v from 'valibot';
import { failure, notice, step } from './client-dialogue-schema.ts';
import { keys } from './client-keys-schema.ts';
import { logout, success } from './client-session-schema.ts';
import { argument, list, pattern } from './client-values-schema.ts';
import { command, count, flag, mapping, optional, required, string, withDefault } from './parts-schema.ts';

/** The name of a client that the config describes. It shows in the log and in mails. */
export const ClientNameSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][\w-]{0,39}$/, 'a name of letters, digits, - and _, at most 40, a letter first'),
);

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

const instead = list(string, 20, 'key');

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
  keys,
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
    'The number of the routing table that a rule of its own looks up (ip rule). If the rule is left behind, it is removed, with the routes of the table if no other rule looks it up. Default: none.',
  ),
  own: withDefault(
    own,
    'mark',
    'Which leftover processes belong to it and may be killed. mark: those that this monitor started. A list of names: all processes on the host with one of these names.',
  ),
  tunnel: optional(
    v.picklist(['device', 'route', 'unknown', 'none'], 'device, route, unknown or none'),
    'device: the tunnel is a network device; stage 3 waits until the route to internal_ip leaves through it. route: that, or until the source or the routing table of that route is another than before; new IPsec policies with the gateway that are left behind are removed. unknown: the monitor cannot see when the tunnel is up. none: it has no tunnel. Default: unknown.',
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
