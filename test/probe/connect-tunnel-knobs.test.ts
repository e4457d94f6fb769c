import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { decisiveFailure } from '../../src/model/test-result.ts';
import { linesOf } from '../support/connect-tunnel.ts';
import { ROOT } from '../support/paths.ts';
import { PASSWORD } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { KNOBS, type Knob, TABLE_HEAD, type Tested, tableRow, testKnob } from './connect-tunnel-knobs.ts';

/** Rows of the table in docs/testing.md, by their tests. */
const rows = new Map<Knob, string>();

function nameOf({ gateway, serverCert, allow, code }: Knob): string {
  return [gateway, serverCert, code && 'with a code', ...(allow ?? [])]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** The detail of the failure, or the warnings of a success. */
function saidIn({ result }: Tested): string {
  return decisiveFailure(result)?.detail ?? (result.warnings ?? []).map(({ words }) => words).join('\n');
}

describe('the profile of Connect Tunnel at each gateway of the stand-in', () => {
  test.concurrent.for(KNOBS.map((knob) => [nameOf(knob), knob] as const))(
    '%s',
    async ([, knob], { expect, onTestFinished }) => {
      const tested = await testKnob(knob, temporaryFolder(onTestFinished));
      const { result, typed } = tested;
      expect(decisiveFailure(result)?.cause ?? 'ok', JSON.stringify(result.stages)).toBe(knob.cause);
      expect(saidIn(tested)).toContain(knob.words ?? '');
      expect(typed).toEqual(knob.typed);
      const certificate = knob.serverCert === undefined ? ['-y', '60'] : [];
      expect(tested.arguments).toEqual([['-s', knob.gateway, '-r', 'Staff', ...certificate]]);
      rows.set(knob, tableRow(knob, tested));
    },
  );
});

test('whatever it is asked, it types the password once at most, and never what changes or accepts more', () => {
  for (const knob of KNOBS) {
    const passwords = knob.typed.filter(({ typed }) => typed === PASSWORD);
    expect(passwords.map(({ prompt }) => prompt).join(), nameOf(knob)).toMatch(/^(?:Password:)?$/);
    expect(knob.typed.some(({ prompt, typed }) => /Old|New|Verify/.test(prompt) || typed === 'Always')).toBe(
      false,
    );
  }
});

test('each gateway of knobs.txt is tested', () => {
  const named = linesOf('knobs.txt').flatMap((line) => /^\[(.*)\] ./.exec(line)?.[1] ?? []);
  expect(named.length).toBeGreaterThan(50);
  for (const name of named) {
    const pattern = new RegExp(`^${name.replace(/[NM]/g, '\\d+').replace('FAULT', '[a-z-]+')}$`);
    expect(
      KNOBS.some(({ gateway }) => pattern.test(gateway)),
      name,
    ).toBe(true);
  }
});

test('the table in docs/testing.md says what came of each (UPDATE_DOCS=1 writes it anew)', () => {
  expect(rows.size, 'this needs every gateway: run the whole file').toBe(KNOBS.length);
  const file = path.join(ROOT, 'docs/testing.md');
  const page = readFileSync(file, 'utf8');
  const [before = '', after = ''] = page.split(`${TABLE_HEAD}\n`);
  expect(after, 'the head of the table').not.toBe('');
  const end = after.indexOf('\n\n');
  const made = KNOBS.map((knob) => rows.get(knob) ?? '').join('\n');
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(file, `${before}${TABLE_HEAD}\n${made}${after.slice(end)}`);
  } else {
    expect(after.slice(0, end)).toBe(made);
  }
});
