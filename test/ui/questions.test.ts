import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { openQuestions } from '../../src/ui/questions.ts';
import { recordingOutput } from '../support/recording-screen.ts';

const stopped = new Error('stopped');

function setUp() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = recordingOutput(80);
  const stop = new AbortController();
  const interrupt = vi.fn(() => stop.abort(stopped));
  const questions = openQuestions({ input, output }, stop.signal, interrupt);
  return {
    ...questions,
    input,
    stop,
    interrupt,
    /** What was shown, without the escape sequences of the line's editor. */
    shown: () => output.written.join('').replace(/\x1b\[\d*[A-Z]/g, ''),
  };
}

test('a question, its answer, and the next', async () => {
  const { ask, input, shown, end } = setUp();
  const first = ask('Name: ');
  input.write('site1\r');
  expect(await first).toBe('site1');
  const second = ask('Gateway: ');
  input.write('vpx\x7fn\r');
  expect(await second).toBe('vpn');
  end();
  expect(shown()).toContain('Name: site1\r\n');
  expect(shown()).toContain('Gateway: ');
});

test('a password is never shown, also not by a key', async () => {
  const { ask, input, shown, end } = setUp();
  const password = ask('Password: ', { hidden: true });
  for (const key of ['s3', 'cx', '\x7f', 'ret\u20ac', '\x1b[D', '\x1b[C', '\r']) input.write(key);
  expect(await password).toBe('s3cret\u20ac');
  const next = ask('Next: ');
  input.write('\x1b[Aup\r');
  expect(await next).toBe('up');
  end();
  expect(shown()).not.toContain('s3');
  expect(shown()).not.toContain('ret');
  expect(shown()).toMatch(/^Password: \n/);
});

test('text typed before its question is kept, and shown with the question', async () => {
  const { ask, input, shown, end } = setUp();
  input.write('site1\rs3cret\rhal');
  expect(await ask('Name: ')).toBe('site1');
  expect(shown()).toBe('Name: site1\n');
  expect(await ask('Password: ', { hidden: true })).toBe('s3cret');
  expect(shown()).toBe('Name: site1\nPassword: \n');
  const last = ask('Last: ');
  expect(shown()).toContain('Last: hal');
  input.write('f\r');
  expect(await last).toBe('half');
  end();
  expect(shown()).not.toContain('s3cret');
});

test.each([
  ['^C', '\x03'],
  ['^C in the middle of a line', 'abc\x03'],
  ['^D', '\x04'],
])('%s interrupts', async (_, keys) => {
  const { ask, input, interrupt, end } = setUp();
  const answer = ask('Password: ', { hidden: true });
  input.write(keys);
  await expect(answer).rejects.toBe(stopped);
  expect(interrupt).toHaveBeenCalledTimes(1);
  await expect(ask('Next: ')).rejects.toBe(stopped);
  end();
});

test.each([
  ['the end of the input', (input: PassThrough) => input.end()],
  ['a terminal that is closed', (input: PassThrough) => input.emit('error', new Error('EIO'))],
])('%s interrupts', async (_, happens) => {
  const { ask, input, interrupt, end } = setUp();
  const answer = ask('Name: ');
  happens(input);
  await expect(answer).rejects.toBe(stopped);
  expect(interrupt).toHaveBeenCalledTimes(1);
  end();
});

test('a stop from elsewhere ends a question', async () => {
  const { ask, stop, interrupt, end } = setUp();
  const answer = ask('Name: ');
  stop.abort(stopped);
  await expect(answer).rejects.toBe(stopped);
  end();
  expect(interrupt).not.toHaveBeenCalled();
});
