import fc from 'fast-check';
import { expect, test } from 'vitest';
import { usableNote } from '../../../src/host/dns/dns-note.ts';
import { openDnsKeeper } from '../../../src/host/dns/restore-dns.ts';
import { DONE, failed } from '../../../src/model/result.ts';
import type { Place } from '../../../src/system/place.ts';
import { memoryNotes } from '../../support/host-notes.ts';
import { never } from '../../support/never.ts';
import { CASES } from '../../support/property.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { whyOf } from '../../support/why-of.ts';

const MARK = 'SonicWall';
const FILE = '/etc/resolv.conf';
const LINK = '../run/stub-resolv.conf';
const SERVER = '10.0.0.53';

/** What stands at the path, and its text; a link leads to the stub. */
interface Standing {
  readonly link: boolean;
  readonly text: string | null;
}
/** What the restore command does: it writes a text and ends, or fails, hangs or is not there. */
type Restore = Standing | 'nothing' | 'fails' | 'hangs' | 'missing';

const own = fc.constantFrom(
  '',
  'nameserver 192.0.2.53\n',
  'nameserver 192.0.2.54\n',
  'search ü\n',
  '# sonic wall\n',
);
const clients = fc.constantFrom(
  '# SonicWall\nnameserver 10.0.0.1\n',
  MARK,
  `nameserver ${SERVER}\n`,
  `nameserver 192.0.2.53\nnameserver ${SERVER}\n`,
);
const standing = (text: fc.Arbitrary<string>) => fc.record({ link: fc.boolean(), text });
const restore: fc.Arbitrary<Restore> = fc.oneof(
  standing(fc.oneof(own, clients)),
  fc.constantFrom('nothing', 'fails', 'hangs', 'missing'),
);
const during = fc.oneof(
  { weight: 3, arbitrary: fc.record({ clientWrites: standing(clients), isSeen: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ somebodyWrites: standing(own) }) },
);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ somebodyWrites: standing(own) }) },
  { weight: 1, arbitrary: fc.record({ restarts: fc.boolean(), boots: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant('removed' as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      restore,
      mayRestore: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.boolean()),
      happens: fc.array(during, { maxLength: 2 }),
    }),
  },
);

/** A machine with one path, on which time passes only in sleeps. */
function machine() {
  const state = {
    at: { link: false, text: 'nameserver 192.0.2.53\n' } as Standing,
    writes: 0,
    boot: 1,
    restore: 'nothing' as Restore,
    isUp: false,
  };
  let clock = 0;
  const write = (at: Standing) => {
    state.at = at;
    state.writes += 1;
    return DONE;
  };
  const place = {
    uid: 0,
    env: {},
    now: () => new Date(clock),
    monotonic: () => clock,
    bootId: () => `boot ${state.boot}`,
    findCommand: () => (state.restore === 'missing' ? undefined : '/sbin/command'),
    sleep: async (ms: number) => {
      clock += ms;
    },
    listFolder: (folder: string) =>
      folder === '/sys/class/net' ? ['lo', ...(state.isUp ? ['tun0'] : [])] : [],
    readLink: () => (state.at.link ? LINK : undefined),
    readFile: () =>
      state.at.text === null
        ? { state: 'missing' }
        : { state: 'read', text: state.at.text, exact: true, version: `${state.writes}`, mode: 0o644 },
    overwriteFile: (_: string, text: string) => write({ ...state.at, text }),
    putFile: (_: string, text: string) => write({ link: false, text }),
    // The stub is what it always was.
    putLink: (_: string, target: string) =>
      target === LINK
        ? write({ link: true, text: 'nameserver 192.0.2.53\n' })
        : failed('a link to somewhere'),
    run: async (_: string, args: readonly string[]) => {
      if (args.includes('get'))
        return { code: 0, output: `to dev ${args.at(-1) === SERVER ? 'tun0' : 'lo'} src` };
      if (state.restore === 'hangs') return await new Promise(() => undefined);
      if (typeof state.restore === 'object') write(state.restore);
      return { code: state.restore === 'fails' ? 1 : 0, output: '' };
    },
    // What looks at a file and restores it needs no more.
  } as unknown as Place;
  return { place, state, write };
}

test('any order of events: what a client wrote is gone or said, what others wrote stays', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const { place, state, write } = machine();
      const notes = memoryNotes();
      const start = () =>
        openDnsKeeper({
          ...{ place, log: recordingLog(), redact: (text) => text, file: FILE, command: ['command', '-u'] },
          ...{ notes, onRepaired: () => undefined },
        });
      let dns = start();
      for (const each of steps) {
        if (each === 'removed') write({ link: false, text: null });
        else if ('somebodyWrites' in each) write(each.somebodyWrites);
        else if ('boots' in each) {
          if (each.boots) state.boot += 1;
          dns = start();
        } else {
          const marks = each.mayRestore ? [MARK] : [];
          state.restore = each.restore;
          const network = {
            ...{ bootId: place.bootId(), devices: null, routes: [], gateways: [], unmarked: marks },
            resolvConf: dns.note(marks),
          };
          notes.change({ network });
          state.isUp = true;
          for (const event of each.happens) {
            if ('somebodyWrites' in event) write(event.somebodyWrites);
            else {
              write(event.clientWrites);
              if (event.isSeen) await dns.observe(never);
            }
          }
          state.isUp = false;
          const left = state.at;
          const why = whyOf(await dns.restore(marks, notes.read().network, never));
          const seen = notes.read().network?.resolvConf?.nameservers ?? null;
          notes.change({ network: null });
          const isClients = ({ text }: Standing) =>
            (each.mayRestore && text?.includes(MARK) === true) ||
            (seen?.includes(SERVER) === true && text?.includes(SERVER) === true);
          // One of an earlier boot says nothing of this one.
          const noted = usableNote(notes.read().dns, place.bootId(), FILE);
          if (isClients(state.at) && !noted?.content?.includes(SERVER)) expect(why).not.toBeNull();
          // Once the client was seen to change the file, the noted text in another form is its as well.
          if (!isClients(left) && (seen === null || left.text !== noted?.content))
            expect([state.at, why]).toEqual([left, null]);
          if (isClients(left) && why === null && noted?.link === LINK && state.at.text === noted.content)
            expect(state.at.link).toBe(true);
        }
      }
    }),
    CASES,
  );
});
