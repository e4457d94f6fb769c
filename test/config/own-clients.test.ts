import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import { ownClients, UNSAID } from '../support/own-clients.ts';
import { configOf, load, shortConfig } from './write-config.ts';

/** Without the simulated client of the demo: it has the dialogue of startct, and no gateway. */
const BUILT_IN = [...PROFILES.values()].filter(({ simulated }) => simulated !== true);

/**
 * A part of a profile in a form to compare: without what is off or unsaid. A client's output is searched line by line, so ^ and $ mean
 * the same with the flag m and without it.
 */
function meaning(value: unknown, place = ''): unknown {
  const at = (key: string | number) => (place === '' ? `${key}` : `${place}.${key}`);
  if (value instanceof RegExp) return `/${value.source}/${[...new Set(`${value.flags}m`)].sort().join('')}`;
  if (Array.isArray(value))
    return value.flatMap((each, index) => (at(index) in UNSAID ? [] : [meaning(each, at(index))]));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, below]) => below !== undefined && below !== false && !(at(key) in UNSAID),
  );
  return Object.fromEntries(entries.map(([key, below]) => [key, meaning(below, at(key))]));
}

test.each(BUILT_IN.map((profile) => [profile.name, profile] as const))(
  'a client in a config can be all that %s is',
  (_, profile) => {
    const config = configOf(load(`${shortConfig()}${ownClients(profile)}`, { clients: PROFILES }));
    expect(meaning(config.clients.get(`own-${profile.name}`))).toEqual(meaning(profile));
  },
);

test('what a client in a config cannot say is a part of some profile', () => {
  for (const place of Object.keys(UNSAID)) {
    const found = BUILT_IN.map((profile) =>
      place
        .split('.')
        .reduce<unknown>((below, key) => (Object(below) as Record<string, unknown>)[key], profile),
    );
    expect(
      found.some((value) => value !== undefined),
      place,
    ).toBe(true);
  }
});
