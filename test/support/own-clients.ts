import type { ClientProfile, Failure, Logout, ShownBy, SiteKey, Step } from '../../src/clients/profile.ts';

/**
 * What a client in a config can't say of a built-in one, by its place in the profile, and why. It changes no row.
 */
export const UNSAID: Readonly<Record<string, string>> = {
  name: 'a client in a config has a name of its own',
  described: 'tells the two apart',
  replaceable: 'about configs of older versions, which described a client under this name',
  package: 'for users who do not know where to get a built-in client',
  'keys.server_cert.fingerprint': '`init` reads it, and offers built-in clients only',
  'own.processes.2': 'java: every Java program of the host has this name',
};

/** The line of a config that describes built-in clients again, each as `own-NAME`. YAML includes JSON. */
export function ownClients(...profiles: readonly ClientProfile[]): string {
  const clients = Object.fromEntries(profiles.map((profile) => [`own-${profile.name}`, asOwn(profile)]));
  return `clients: ${JSON.stringify(clients)}\n`;
}

function asOwn(profile: ClientProfile): object {
  const { success, own, home, table, insteadOf = {} } = profile;
  const needed = Object.entries(insteadOf).filter(([, keys]) => keys.length > 0);
  return {
    command: profile.command,
    args: profile.args,
    keys: Object.fromEntries(Object.entries(profile.keys).map(([key, kind]) => [key, keyOf(kind)])),
    instead_of: needed.length === 0 ? undefined : Object.fromEntries(needed),
    dialogue: list(profile.dialogue.map(stepOf)),
    success: {
      ...textsOf(success),
      shown_by: success.shownBy && shownByOf(success.shownBy),
      shownBy: undefined,
    },
    failures: list(profile.failures.map((failure) => textsOf<Failure>(failure))),
    notices: profile.notices?.map((notice) => textsOf(notice)),
    ends: profile.ends?.map(text),
    logout: logoutOf(profile.logout),
    returns: profile.returns,
    device: profile.device,
    table: table === undefined ? undefined : Number(table),
    own:
      own.by === 'mark'
        ? 'mark'
        : own.processes.filter(({ code }) => code === undefined).map(({ name }) => name),
    tunnel: profile.tunnel,
    tls: profile.tls,
    ppp: profile.ppp,
    setuid: profile.setuid,
    unchecked_without: profile.uncheckedWithout,
    home: home && { folder: home.folder, trust_key: home.trustKey },
    dns: profile.dns,
  };
}

function list<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

function keyOf({ required, file, secret, choices, value, gateway, unwatched, adds }: SiteKey): unknown {
  if (choices !== undefined) return choices;
  const what = file ? 'file' : secret ? 'secret' : undefined;
  return {
    kind: required ? (what ?? 'required') : ['optional', ...(what === undefined ? [] : [what])].join('-'),
    ...textsOf({ value, gateway, unwatched, adds }),
    value: value && textsOf(value),
    adds: adds && textsOf(adds),
  };
}

function stepOf({ listed, ...step }: Step): object {
  const { otherwise, ...shown } = listed ?? {};
  return { ...textsOf(step), listed: listed && { ...shown, ...otherwise } };
}

function shownByOf({ otherwise, ...shownBy }: ShownBy): object {
  return { ...shownBy, ...otherwise };
}

function logoutOf(logout: Logout): object {
  return 'command' in logout ? { run: logout } : logout;
}

/** The same mapping with its patterns as a config has them. */
function textsOf<T extends object>(mapping: T): object {
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [key, value instanceof RegExp ? text(value) : value]),
  );
}

/** All patterns of a config match at the ends of lines, and those that look for several places find all of them. */
function text({ source, flags }: RegExp): string {
  return `/${source}/${flags.replaceAll(/[gm]/g, '')}`;
}
