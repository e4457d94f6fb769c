import fs from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dnsChecker } from '../../../src/host/dns/restore-dns.ts';
import { placeFiles } from '../../../src/system/place-files.ts';
import type { System } from '../../../src/system/system.ts';
import { memoryNotes } from '../../support/host-notes.ts';
import { never } from '../../support/never.ts';
import { CASES } from '../../support/property.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { whyOf } from '../../support/why-of.ts';

const MARK = 'SonicWall';
const FILE = '/etc/resolv.conf';

/** What the restore command does: it writes a text (marked or not) and ends, or fails, hangs or is not there. */
type Restore = { readonly writes: string } | 'nothing' | 'fails' | 'hangs' | 'missing';

const unmarked = fc.constantFrom(
  '',
  'nameserver 192.0.2.53\n',
  'nameserver 192.0.2.54\n',
  'search ü\n',
  '# sonic wall\n',
);
const marked = fc.constantFrom('# SonicWall\nnameserver 10.0.0.1\n', 'nameserver 10.0.0.2 # SonicWall', MARK);
const restore: fc.Arbitrary<Restore> = fc.oneof(
  fc.record({ writes: fc.oneof(unmarked, marked) }),
  fc.constantFrom('nothing', 'fails', 'hangs', 'missing'),
);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ somebodyWrites: unmarked }) },
  { weight: 3, arbitrary: fc.record({ clientWrites: marked }) },
  { weight: 1, arbitrary: fc.record({ restarts: fc.boolean(), boots: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant('removed' as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      restore,
      mayRestore: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.boolean()),
    }),
  },
);

/** A machine with one file, on which time passes only in sleeps. */
function machine() {
  const state = {
    content: 'nameserver 192.0.2.53\n' as string | null,
    writes: 0,
    boot: 1,
    restore: 'nothing' as Restore,
    runs: 0,
  };
  let clock = 0;
  let read = 0;
  const write = (content: string | null) => {
    state.content = content;
    state.writes += 1;
  };
  const files = {
    constants: fs.constants,
    openSync: () => {
      if (state.content === null) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      read = 0;
      return 3;
    },
    fstatSync: () => ({ isFile: () => true, dev: 1n, ino: 1n, mtimeNs: BigInt(state.writes), size: 1n }),
    readSync: (_: number, buffer: Buffer) => {
      const bytes = Buffer.from(state.content ?? '').subarray(read);
      read += bytes.length;
      return bytes.copy(buffer);
    },
    writeFileSync: (_: number, text: string) => write(text),
    ftruncateSync: () => undefined,
    fsyncSync: () => undefined,
    closeSync: () => undefined,
  };
  const system = {
    uid: 0,
    env: {},
    ...placeFiles(files as unknown as typeof fs),
    now: () => new Date(clock),
    monotonic: () => clock,
    bootId: () => `boot ${state.boot}`,
    findCommand: () => (state.restore === 'missing' ? undefined : '/sbin/resolvconf'),
    sleep: async (ms: number) => {
      clock += ms;
    },
    run: async () => {
      state.runs += 1;
      if (state.restore === 'hangs') return await new Promise(() => undefined);
      if (typeof state.restore === 'object') write(state.restore.writes);
      return { code: state.restore === 'fails' ? 1 : 0, output: '' };
    },
    // What looks at a file and restores it needs no more.
  } as unknown as System;
  return { system, state, write };
}

test('any order of events: only a marked file is replaced, by the restore command or the content before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const { system, state, write } = machine();
      const notes = memoryNotes();
      const start = () =>
        dnsChecker({
          place: system,
          log: recordingLog(),
          redact: (text) => text,
          file: FILE,
          restore: ['resolvconf', '-u'],
          notes,
          onRepaired: () => undefined,
        });
      let check = start();
      /** The last unmarked content that a check has seen since boot. */
      let seen: string | null = null;
      for (const each of steps) {
        if (each === 'removed') write(null);
        else if ('somebodyWrites' in each) write(each.somebodyWrites);
        else if ('clientWrites' in each) write(each.clientWrites);
        else if ('boots' in each) {
          if (each.boots) {
            state.boot += 1;
            seen = null;
          }
          check = start();
        } else {
          const before = state.content;
          state.restore = each.restore;
          state.runs = 0;
          const why = whyOf(await check(MARK, each.mayRestore ? [MARK] : [], never));
          const after = state.content;
          if (before === null || !before.includes(MARK) || !each.mayRestore) {
            expect([after, why, state.runs]).toEqual([before, null, 0]);
          } else {
            expect(why === null).toBe(!after?.includes(MARK));
            const restored = typeof each.restore === 'object' ? each.restore.writes : null;
            expect([before, seen, restored]).toContain(after);
            if (seen !== null) expect(why).toBeNull();
          }
          if (after !== null && !after.includes(MARK)) seen = after;
        }
      }
    }),
    CASES,
  );
});
