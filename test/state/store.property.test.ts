import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KINDS, SITE_KINDS } from '../../src/model/event-kinds.ts';
import { REPORT_EVERY } from '../../src/model/report-period.ts';
import { WITHHELD } from '../../src/state/fields.ts';
import { formatState, freshState, parseState, type State } from '../../src/state/format.ts';
import { openState } from '../../src/state/store.ts';
import type { System } from '../../src/system/system.ts';
import { testSystem } from '../alerts/support.ts';
import { CASES } from '../support/property.ts';
import { recordingLog } from '../support/recording-log.ts';

const system = testSystem();

const text = fc.string({
  unit: fc.oneof(fc.constantFrom('"', '\\', '\n', '\u2028', '\ud800'), fc.string({ maxLength: 3 })),
  maxLength: 4,
});
const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', '2', '10'));
const time = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
const or = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary);
const kind = fc.oneof(
  fc.constantFrom('ping', 'ps', 'cleaning', 'records'),
  text.map((client) => `client ${client}` as const),
  text.map((site) => `ping ${site}` as const),
);

const first = fc.dictionary(fc.constantFrom('mail', 'webhook', ''), text, { noNullPrototype: true });

const site = fc.record({
  consecutiveFailures: fc.nat(),
  since: or(time),
  cause: or(text),
  recovering: or(fc.record({ successes: fc.nat(), since: time })),
  withheld: or(fc.constantFrom(...WITHHELD)),
  lastSuccess: or(time),
  lastResult: or(time),
  announced: or(
    fc.record(
      { first, at: time, lastReminder: time, unconfirmed: fc.boolean() },
      { requiredKeys: ['first', 'at', 'lastReminder'] },
    ),
  ),
  rejectedAt: or(time),
  interval: or(fc.nat()),
  expiry: or(fc.record({ at: or(time), left: or(fc.nat()), told: or(time) })),
  certificates: fc.array(
    fc.record({
      owner: fc.constantFrom('gateway', 'user'),
      fingerprint: text,
      from: time,
      until: time,
      wrongName: or(text),
      told: or(time),
      open: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  flap: or(
    fc.record({
      changes: fc.array(fc.record({ at: time, down: fc.boolean(), ago: fc.nat() }), { maxLength: 3 }),
      since: or(time),
      first,
    }),
  ),
  slow: or(fc.record({ tests: fc.nat(), since: time, told: fc.boolean(), fast: fc.nat(), first })),
});
const recipients = fc.array(text, { minLength: 1, maxLength: 3 });
const entry = fc.record({
  key: text,
  channel: fc.constantFrom('mail', 'webhook'),
  about: or(name),
  also: fc.array(name, { maxLength: 2 }),
  events: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      site: or(name),
      summary: text,
      at: time,
      since: or(time),
      cause: or(text),
    }),
    { maxLength: 2 },
  ),
  subject: text,
  text,
  created: time,
  replyTo: or(text),
  tries: fc.nat(),
  doubts: fc.nat(),
  nextTry: or(time),
  delivered: fc.boolean(),
  content: or(fc.record({ recipients, from: text, raw: text })),
});
const pending = fc.record({
  about: name,
  kind: fc.constantFrom(...SITE_KINDS),
  note: text,
  subject: text,
  text,
  foot: text,
  created: time,
  first,
  since: or(time),
  cause: or(text),
});
const state: fc.Arbitrary<State> = fc.record({
  sites: fc.array(fc.tuple(name, site), { maxLength: 4 }).map((sites) => new Map(sites)),
  host: or(
    fc.record({
      since: time,
      first,
      announced: fc.array(kind, { maxLength: 2 }),
      faults: fc.array(fc.record({ kind, words: text }), { maxLength: 2 }),
    }),
  ),
  outbox: fc.array(entry, { maxLength: 3 }),
  pending: fc.array(pending, { maxLength: 3 }),
  reported: or(fc.record({ every: fc.constantFrom(...REPORT_EVERY), first: fc.constant('2026-11-23') })),
});

test('any state is read as it was written, its sites in their order', () => {
  fc.assert(
    fc.property(state, (written) => {
      const read = parseState(Buffer.from(formatState(written)).toString());
      expect(read).toEqual({ ok: true, value: written });
      if (read.ok) expect([...read.value.sites.keys()]).toEqual([...written.sites.keys()]);
    }),
    CASES,
  );
});

/** What a sick disk, a power loss or an editor may do to a file. */
const damage: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc.oneof(
  fc.nat().map((at) => (bytes: Buffer) => bytes.subarray(0, at % (bytes.length + 1))),
  fc
    .tuple(fc.nat(), fc.uint8Array({ maxLength: 20 }), fc.nat({ max: 20 }))
    .map(([at, put, cut]) => (bytes: Buffer) => {
      const from = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + cut)]);
    }),
  fc.nat().map((at) => (bytes: Buffer) => Buffer.from(bytes).fill(0, at % (bytes.length + 1))),
  fc.constant((bytes: Buffer) => Buffer.concat([bytes, bytes])),
  // Another value in the place of any number, text or list.
  fc.tuple(fc.nat(), fc.json({ depthSize: 'small' })).map(([at, value]) => (bytes: Buffer) => {
    const values = [...bytes.toString().matchAll(/(?<=": )(?:"[^"]*"|\d+|null|true|false|\[|\{)/g)];
    const found = values[at % Math.max(1, values.length)];
    if (found === undefined) return bytes;
    const { index, 0: old } = found;
    return Buffer.from(bytes.toString().slice(0, index) + value + bytes.toString().slice(index + old.length));
  }),
  fc.uint8Array().map((bytes) => () => Buffer.from(bytes)),
  fc.json().map((json) => () => Buffer.from(json)),
);

test('any damage to the file: it is read, or set aside as it is and a fresh state begins', () => {
  const folder = '/nowhere/.state';
  const file = `${folder}/state.json`;
  fc.assert(
    fc.property(state, damage, (written, spoil) => {
      const bytes = spoil(Buffer.from(formatState(written)));
      const held = new Map([[file, bytes]]);
      // A thousand real files take seconds; test/state/store.test.ts has them.
      const files = {
        readFileSync: (name: string) => held.get(name)?.toString(),
        existsSync: (name: string) => held.has(name),
        statSync: () => undefined,
        renameSync: (from: string, to: string) => {
          held.set(to, held.get(from) ?? bytes);
          held.delete(from);
        },
      } as unknown as System['files'];
      const log = recordingLog();
      const store = openState('/nowhere', { ...system, files }, log);
      const [[name, kept] = []] = held;
      expect(held.size).toBe(1);
      expect(kept?.equals(bytes)).toBe(true);
      if (name === file) {
        expect(log.lines).toEqual([]);
        return;
      }
      expect(name).toMatch(/^\/nowhere\/\.state\/state-(?:damaged|version-.*)-.*\.json$/);
      expect(log.lines).toHaveLength(1);
      expect(store.state).toEqual(freshState());
    }),
    CASES,
  );
});
