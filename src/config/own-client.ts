import { basename } from 'node:path';
import type {
  ClientHome,
  ClientProfile,
  Failure,
  Listed,
  Logout,
  SiteKey,
  Step,
} from '../clients/profile.ts';
import { checkOwnClient } from './check-own-client.ts';
import type { Reading } from './reading.ts';
import { ASKING, type OwnClient, OwnClientSchema } from './schema/client-schema.ts';
import type { Pattern } from './schema/pattern.ts';
import { validate } from './schema/validate.ts';
import type { Path } from './yaml/problem.ts';
import type { Item } from './yaml/tree.ts';

type RawStep = NonNullable<OwnClient['dialogue']>[number];
type RawFailure = NonNullable<OwnClient['failures']>[number];

/** Reads a client that the config describes, and reports each problem with it. */
export function readOwnClient(
  name: string,
  item: Item,
  path: Path,
  { report }: Reading,
): ClientProfile | undefined {
  const raw = validate(OwnClientSchema, item, path, report);
  checkOwnClient(item, path, report);
  return raw && profileOf(name, raw);
}

function profileOf(name: string, raw: OwnClient): ClientProfile {
  return {
    name,
    described: true,
    command: raw.command,
    args: raw.args ?? [],
    keys: Object.fromEntries(Object.entries(raw.keys ?? {}).map(([key, kind]) => [key, siteKeyOf(kind)])),
    ...insteadOf(raw),
    dialogue: (raw.dialogue ?? []).map(stepOf),
    success: successOf(raw.success),
    failures: (raw.failures ?? []).map(failureOf),
    ...(raw.notices === undefined
      ? {}
      : { notices: raw.notices.map(({ expect, kind }) => ({ expect: expect.regex, kind })) }),
    ...(raw.ends === undefined ? {} : { ends: raw.ends.map(({ regex }) => regex) }),
    logout: logoutOf(raw.logout),
    own:
      raw.own === 'mark'
        ? { by: 'mark' }
        : { by: 'name', processes: raw.own.map((process) => ({ name: process })) },
    tunnel: raw.tunnel ?? 'unknown',
    ...(raw.table === undefined ? {} : { table: String(raw.table) }),
    ...(raw.unchecked_without === undefined ? {} : { uncheckedWithout: raw.unchecked_without }),
    ...(raw.home === undefined ? {} : { home: homeOf(raw.home) }),
    ...(raw.returns ? { returns: true } : {}),
    ...(raw.device === undefined ? {} : { device: raw.device }),
    ...(raw.tls === undefined ? {} : { tls: raw.tls }),
    ...(raw.ppp ? { ppp: true } : {}),
    ...(raw.setuid ? { setuid: true } : {}),
    ...((raw.host_service ?? ASKING.has(basename(raw.command))) ? { hostService: true } : {}),
    ...(raw.dns === undefined ? {} : { dns: raw.dns }),
  };
}

type RawKey = NonNullable<OwnClient['keys']>[string];
type KeyInDetail = Exclude<RawKey, string | readonly string[]>;

function siteKeyOf(raw: RawKey): SiteKey {
  if (Array.isArray(raw)) return { required: false, file: false, choices: raw };
  const about: KeyInDetail = typeof raw === 'string' ? { kind: raw } : raw;
  const { kind, value, gateway, unwatched, adds } = about;
  return {
    required: !kind.startsWith('optional'),
    file: kind.endsWith('file'),
    ...(kind.endsWith('secret') ? { secret: true } : {}),
    ...(value === undefined ? {} : { value: { ...value, pattern: value.pattern.regex } }),
    ...(gateway === undefined ? {} : { gateway: everywhere(gateway) }),
    ...(unwatched === undefined ? {} : { unwatched: everywhere(unwatched) }),
    ...(adds === undefined ? {} : { adds: { args: adds.args, unless: adds.unless.regex } }),
  };
}

/** A pattern that finds all its matches in a text. */
function everywhere({ regex }: Pattern): RegExp {
  return new RegExp(regex, `${regex.flags}g`);
}

function homeOf({ folder, trust_key: trustKey }: NonNullable<OwnClient['home']>): ClientHome {
  return given({ folder, trustKey });
}

/** A site needs no username and no password where no argument and no step of every site has it, unless the config says more. */
function insteadOf({
  instead_of: said = {},
  args = [],
  dialogue = [],
  success,
  logout,
}: OwnClient): Pick<ClientProfile, 'insteadOf'> {
  const templates = [
    ...args.flat(),
    ...(success.shown_by?.args ?? []),
    ...(logout?.run?.args ?? []),
    ...dialogue.filter((step) => step.with === undefined).map(({ send }) => send),
  ];
  const isNeeded = (key: string) => templates.some((template) => template.includes(`{${key}}`));
  const found = {
    ...(isNeeded('username') ? {} : { username: [] }),
    ...(isNeeded('password') ? {} : { password: [] }),
    ...given(said),
  };
  return Object.keys(found).length === 0 ? {} : { insteadOf: found };
}

function stepOf({ prompt, expect, within, listed, ...step }: RawStep): Step {
  return {
    ...given(step),
    prompt: prompt ?? expect.text,
    expect: expect.regex,
    ...(within === undefined ? {} : { within: within.regex }),
    ...(listed === undefined ? {} : { listed: listedOf(listed) }),
  };
}

function listedOf({ group, key, ...otherwise }: NonNullable<RawStep['listed']>): Listed {
  return { group, key, otherwise: given(otherwise) };
}

function failureOf({ expect, unless, within, passing, vague, rejects, ...failure }: RawFailure): Failure {
  return {
    ...given(failure),
    expect: expect.regex,
    ...(unless === undefined ? {} : { unless: unless.regex }),
    ...(within === undefined ? {} : { within: within.regex }),
    ...(passing === undefined ? {} : { passing: passing.regex }),
    ...(vague ? { vague } : {}),
    ...(rejects ? { rejects } : {}),
  };
}

/** A mapping without the keys that have no value. */
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function given<T extends object>(mapping: T): Given<T>;
function given(mapping: object): unknown {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
}

function logoutOf({ line, signal = 'SIGTERM', run }: NonNullable<OwnClient['logout']> = {}): Logout {
  if (run !== undefined) return { command: run.command, args: run.args ?? [] };
  return line === undefined ? { signal } : { line };
}

function successOf({ expect, unless, shown_by: shownBy }: OwnClient['success']): ClientProfile['success'] {
  const found = { expect: expect.regex, ...(unless === undefined ? {} : { unless: unless.regex }) };
  if (shownBy === undefined) return found;
  const { cause, words, command, args = [], wakes = false } = shownBy;
  return { ...found, shownBy: { command, args, wakes, otherwise: given({ cause, words }) } };
}
