import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TerminalEvent } from '../../src/console/terminal-event.ts';
import { Transcript } from '../../src/log/transcript.ts';
import { Secret } from '../../src/model/secret.ts';
import { inChunks } from '../support/chunks.ts';
import { CASES } from '../support/property.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tracesOf } from '../support/traces.ts';

const SECRET = 'S3cr"t\\pä ss';
const HEAD = { program: '1.2.3', client: 'startct', node: 'v20' };

/** An event as a line of the file. */
interface Line {
  readonly event: string;
  readonly text?: string;
  readonly characters?: number;
}

/** Plays events, 1 ms apart unless said otherwise, and returns what the file holds after its first line. */
function written(
  file: string,
  events: readonly { readonly event: TerminalEvent; readonly after?: number }[],
  secrets: readonly string[] = [SECRET],
): { readonly file: string; readonly lines: readonly Line[]; readonly output: string } {
  fs.rmSync(file, { force: true });
  const created = Transcript.create(
    fs,
    file,
    HEAD,
    secrets.map((text) => new Secret(text)),
  );
  if (!created.ok) throw new Error(created.why);
  let at = 1000;
  for (const { event, after = 1 } of events) {
    at += after;
    created.value.observe(event, at);
  }
  expect(created.value.end(undefined)).toMatchObject({ ok: true });
  const text = fs.readFileSync(file, 'utf8');
  const lines: Line[] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.shift()).toEqual({ event: 'vpn-monitor', version: 1, ...HEAD });
  return {
    file: text,
    lines,
    output: lines.map((line) => (line.event === 'output' ? line.text : '')).join(''),
  };
}

const output = (bytes: Uint8Array, after = 1) => ({ event: { kind: 'output' as const, bytes }, after });

/** How a client may print a secret: as it is, encoded, with something between its characters. */
const SPELT: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  json: (secret) => JSON.stringify(secret).slice(1, -1),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  coloured: (secret) => [...secret].join('\x1b[1m'),
  'over lines': (secret) => `${secret.slice(0, 4)}\r\n${secret.slice(4)}`,
  'with NUL': (secret) => [...secret].join('\0'),
  'with a title': (secret) => [...secret].join('\x1b]0;a title\x07'),
  'after a title that has no end': (secret) => `\x1b]${[...secret].join('\x01')}`,
  masked: (secret) => `${[...secret].join('\b*')}\b*`,
};

test('wherever the output is cut into pieces, no secret is in it, and all else is', () => {
  const file = path.join(temporaryFolder(), 'transcript');
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(SPELT)),
      fc.array(fc.record({ at: fc.nat(), after: fc.constantFrom(0, 0.3, 1, 40) }), { maxLength: 30 }),
      fc.boolean(),
      (name, places, typed) => {
        const spelt = SPELT[name]?.(SECRET) ?? '';
        const bytes = Buffer.from(`Password:\r\n<é${spelt}|${spelt}> \x1b[0mend`);
        const events = inChunks(bytes, places).flatMap(({ after, data }) => [
          output(data, after),
          ...(typed ? [{ event: { kind: 'typed' as const, line: '1', template: '1' } }] : []),
        ]);
        const { output: shown, file: text } = written(file, events);
        expect(shown.replace('\x1b]***', '***').replace('\x1b]***', '***').replaceAll('***\b*', '***')).toBe(
          'Password:\r\n<é***|***> \x1b[0mend',
        );
        expect(tracesOf(SECRET, text)).toEqual([]);
      },
    ),
    { numRuns: Math.min(300, CASES.numRuns) },
  );
});

test('what never ends is cut, not in the middle of a secret', () => {
  const file = path.join(temporaryFolder(), 'transcript');
  const kept = 1024 * 1024;
  const piece = Buffer.alloc(4096, 'x');
  const pieces = Array.from({ length: kept / 4096 - 1 }, () => output(piece));
  const last = Buffer.from(`${'x'.repeat(4091)}${SECRET}${'y'.repeat(100_000)}`);
  const { lines, output: shown, file: text } = written(file, [...pieces, output(last), output(piece)]);
  expect(shown).toBe(`${'x'.repeat(kept - 5)}***`);
  const [cut] = lines.filter(({ event }) => event === 'cut');
  expect(cut?.characters).toBe(SECRET.length + 100_000 + 4096 - 5);
  for (const part of [SECRET.slice(0, 4), SECRET.slice(-4)]) expect(text).not.toContain(part);
});

test('very many small pieces are few lines', () => {
  const file = path.join(temporaryFolder(), 'transcript');
  const byte = Buffer.from('x');
  const { lines } = written(
    file,
    Array.from({ length: 50_000 }, () => output(byte, 0.01)),
  );
  expect(lines.length).toBeLessThanOrEqual(501);
});

test('of what is typed a key is named, another answer shown', () => {
  const file = path.join(temporaryFolder(), 'transcript');
  const typed = (line: string, template: string) => ({ event: { kind: 'typed' as const, line, template } });
  const { lines } = written(file, [
    { event: { kind: 'started', file: '/bin/own', args: ['-p', SECRET] } },
    typed('monitor', '{username}'),
    typed(`${SECRET}123456`, '{password}{code}'),
    typed('2', '{button:OK|1}'),
    typed(SECRET, SECRET),
    { event: { kind: 'signal', signal: 'SIGTERM' } },
    { event: { kind: 'ended', exit: { code: 0, signal: 15 } }, after: 2.3456 },
  ]);
  expect(lines).toEqual([
    { ms: 0, event: 'started', command: '/bin/own', args: ['-p', '***'] },
    { ms: 1, event: 'typed', what: 'username' },
    { ms: 2, event: 'typed', what: 'password code' },
    { ms: 3, event: 'typed', text: '2' },
    { ms: 4, event: 'typed', text: '***' },
    { ms: 5, event: 'signal', signal: 'SIGTERM' },
    { ms: 7.346, event: 'ended', code: 0, signal: 15 },
  ]);
});

test('the file holds no character that a terminal obeys or hides', () => {
  const file = path.join(temporaryFolder(), 'transcript');
  const hostile = '\x1b[2J\x9b31m\x7f\u202etxt\u200b\u{e0041}\u2028é';
  const { output: shown, file: text } = written(file, [output(Buffer.from(hostile))]);
  expect(shown).toBe(hostile);
  expect(text).toMatch(/^[\n\x20-\x7eé]*$/);
});
