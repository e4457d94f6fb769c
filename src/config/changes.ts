import { Secret } from '../model/secret.ts';
import type { Config, SiteConfig } from './config.ts';

/** The sections of a config that {@link configChanges} compares as a whole, by their names in the file. */
const SECTIONS = [
  'frequency',
  'logging',
  'alerts',
  'channels',
  'heartbeat',
  'report',
  'maintenance',
  'uplink',
  'ping',
  'login',
  'cleanup',
  'dns',
  'web',
  'metrics',
] as const satisfies readonly (keyof Config)[];

/**
 * Says what differs between two configs, without any value of them: `new sites: site4`, `removed sites: site2`,
 * `changed sites: site1`, `changed: frequency, alerts`. Empty if nothing does.
 */
export function configChanges(before: Config, after: Config): readonly string[] {
  const old = new Map(before.sites.map((site) => [site.name, site]));
  const names = new Set(after.sites.map(({ name }) => name));
  const added = after.sites.filter(({ name }) => !old.has(name));
  const removed = before.sites.filter(({ name }) => !names.has(name));
  const changed = after.sites.filter((site) => {
    const was = old.get(site.name);
    return was !== undefined && fingerprint(was) !== fingerprint(site);
  });
  const sections = SECTIONS.filter((section) => fingerprint(before[section]) !== fingerprint(after[section]));
  return [
    ...named('new sites', added),
    ...named('removed sites', removed),
    ...named('changed sites', changed),
    ...(sections.length > 0 ? [`changed: ${sections.join(', ')}`] : []),
  ];
}

function named(what: string, sites: readonly SiteConfig[]): readonly string[] {
  return sites.length > 0 ? [`${what}: ${sites.map(({ name }) => name).join(', ')}`] : [];
}

/** Returns a text that is the same for equal values only, secrets included. Not to be printed. */
function fingerprint(value: unknown): string {
  return JSON.stringify(plain(value)) ?? '';
}

function plain(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Map) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
