import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { openconnect } from '../../src/clients/openconnect.ts';
import { openvpn } from '../../src/clients/openvpn.ts';
import { startct } from '../../src/clients/startct.ts';
import type { Terminal } from '../../src/console/expect.ts';
import { good } from '../../src/model/result.ts';
import type { Pty } from '../../src/system/place.ts';
import type { System } from '../../src/system/system.ts';
import { WORLD_PASSWORD } from '../support/monitored-world.ts';
import { openTerminal } from '../support/open-terminal.ts';
import { onTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { installScript, stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

/** What moves, colours or fools a reader, but for ends of lines, tabs and this program's own colours and erased lines. */
const FOOLS = /(?![\t\n]|\r?\n)[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const OWN_SEQUENCES = /\r\x1b\[2K|\x1b\[(?:[12]|22|3[0-9])m/g;

/** A console whose child writes what a test says. */
function consoleOf(): { console: Terminal; write(bytes: Buffer): void } {
  const listeners: ((bytes: Buffer) => void)[] = [];
  const pty: Pty = {
    pid: 4242,
    onData: (listener) => void listeners.push(listener),
    onExit: () => undefined,
    write: () => undefined,
    close: () => undefined,
    notExecuted: () => undefined,
  };
  const system = {
    monotonic: () => performance.now(),
    spawnPty: () => good(pty),
    readStat: () => undefined,
    sleep: () => Promise.resolve(),
  } as unknown as System;
  return {
    console: openTerminal(system, '/bin/client', [], {}),
    write: (bytes) => {
      for (const listener of listeners) listener(bytes);
    },
  };
}

/** Megabytes that are in use, after a collection. */
function megabytesInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

describe('endless output', () => {
  test.each([
    ['that leaves no text', '\x1b[0m'],
    ['of one line', 'x'],
    ['of lines', 'a line\r\n'],
    ['of a line that is drawn again', 'a line\r\x1b[K'],
    ['of a letter that is drawn again', 'a\bb\b'],
    ['of a cursor that goes up', 'a line\x1b[A'],
  ])('%s costs no memory', (_, text) => {
    const { console, write } = consoleOf();
    const bytes = Buffer.from(text);
    const before = megabytesInUse();
    for (let count = 0; count < 600_000; count++) write(bytes);
    expect(megabytesInUse() - before).toBeLessThan(15);
    expect(console.transcript.text.length).toBeLessThan(256 * 1024);
  });

  // A search that is quadratic takes minutes for these, one that is linear some ms.
  test.each([startct, openconnect, openvpn])(
    'of a gateway of $name: no pattern is slow, whatever is repeated',
    ({ dialogue, success, failures }) => {
      const repeated = ['\n', ' ', '\t\n', '!', '1', 'error ', 'error!\n', 'the ', 'connection ', 'CONNECT'];
      repeated.push('Configured as ', 'Failed to connect to host', 'None of the 1', 'TCP: connect to ');
      for (const { expect: pattern } of [...dialogue, success, ...failures]) {
        const search = new RegExp(pattern, [...new Set(`${pattern.flags}g`)].join(''));
        for (const text of repeated) {
          const whole = text.repeat((256 * 1024) / text.length);
          const began = performance.now();
          search.lastIndex = 0;
          search.exec(whole);
          expect(performance.now() - began, `${pattern} in ${JSON.stringify(text)}`).toBeLessThan(10_000);
        }
      }
    },
  );

  worldTest('is cut off in time, and the monitor does not grow', async ({ world }) => {
    const { config, monitor, csv, at, read, run } = world;
    const floods = ['endless-nothing', 'endless-lines', 'endless-line'];
    config(
      Object.fromEntries([...floods, 'works'].map((name) => [name, name])),
      'login: { step_timeout: 1 }\nlogging: { dir: results, file: result }',
    );
    const ping = run('PATH=/usr/bin:/bin command -v ping').trim();
    // The parent of a ping is the monitor.
    installScript(
      world,
      'ping',
      `#!/bin/sh\ngrep VmHWM /proc/$PPID/status >>'${at('peaks')}'\nexec '${ping}' "$@"\n`,
    );
    const once = monitor(['once']);
    expect(await once.ended, once.stderr()).toBe(1);
    expect(csv().map((row) => row.split(',').slice(1, 3).join(' '))).toEqual([
      'CPE Name Summary',
      ...floods.map((name) => `${name} FAILURE`),
      'works SUCCESS',
    ]);
    const peaks = [...read('peaks').matchAll(/\d+/g)].map(([kilobytes]) => Number(kilobytes) / 1024);
    expect(peaks).toHaveLength(8);
    expect((peaks.at(-1) ?? 0) - (peaks[0] ?? 0)).toBeLessThan(64);
  });
});

worldTest('prompts in a banner: what is typed at them is echoed, and shown nowhere', async ({ world }) => {
  const { config, monitor, mailServer, mails, log, read, typed } = world;
  config({ fake: 'fake-prompts' }, 'alerts: { after: 1 }');
  await mailServer();
  const daemon = monitor();
  const mail = await until('the mail', () => mails()[0]);
  await stop(daemon);
  expect(typed()).toContain(`password=${WORLD_PASSWORD}`);
  // It was echoed: here it would stand.
  expect(mail).toMatch(/^ {2}\| No Username: .*\n(?: {2}\| .*\n)*? {2}\| \*\*\*$/m);
  const texts = [mail, log(), daemon.stdout(), daemon.stderr(), read('results', '.state', 'state.json')];
  for (const text of texts) expect(text).not.toContain(WORLD_PASSWORD.slice(0, 8));
});

worldTest('what a gateway sends fools neither terminal, log, mail nor JSON', async ({ world }) => {
  const { config, monitor, mailServer, mails, log, csv } = world;
  config({ site1: 'hostile' }, 'alerts: { after: 1 }');
  await mailServer();
  const once = await onTerminal(world, ['once']);
  const daemon = await onTerminal(world, ['run']);
  const json = monitor(['once', '--json']);
  expect(await once.ended).toBe(1);
  expect(await json.ended).toBe(1);
  await until('the row', () => csv().length > 3);
  await until('the mail', () => mails()[0]);
  await stop(daemon);
  const texts = {
    once: once.stdout().replace(OWN_SEQUENCES, ''),
    run: daemon.stdout().replace(OWN_SEQUENCES, ''),
    json: json.stdout() + json.stderr(),
    log: log(),
    mail: mails().join('\n'),
  };
  for (const [name, text] of Object.entries(texts)) {
    expect(text, name).toContain('Login failed');
    expect(text, name).not.toContain('pwned');
    expect(FOOLS.exec(text)?.[0].codePointAt(0), name).toBeUndefined();
  }
  expect(texts.mail).toContain('\\u{202e}txt.exe');
});
