import { expect, test } from 'vitest';
import { readTranscript } from '../../src/log/read-transcript.ts';

const HEAD = '{"event":"vpn-monitor","version":1,"program":"2.0.0","client":"own","node":"v20"}';

test('events that are known, with further members, and the result', () => {
  const text = [
    HEAD,
    '{"ms":0,"event":"started","command":"/bin/own","args":["a"],"pid":5}',
    '',
    '{"ms":1.5,"event":"output","text":"Password:"}',
    '{"ms":2,"event":"weather","text":"fine"}',
    '{"ms":3,"event":"typed","what":"password"}',
    '{"ms":4,"event":"ended","code":1,"signal":0}',
    '{"event":"result","outcome":"error","cause":"refused","detail":"no"}',
  ].join('\n');
  expect(readTranscript(text)).toEqual({
    ok: true,
    value: {
      client: 'own',
      events: [
        { event: 'started', ms: 0, args: ['a'] },
        { event: 'output', ms: 1.5, text: 'Password:' },
        { event: 'typed', ms: 3, what: 'password' },
        { event: 'ended', ms: 4, code: 1, signal: 0 },
      ],
      result: { event: 'result', outcome: 'error', cause: 'refused', detail: 'no' },
    },
  });
});

test.each([
  ['', 'line 1: expected the first line of a transcript, {"event":"vpn-monitor","version":1,...}'],
  [
    HEAD.replace('"version":1', '"version":2'),
    'line 1: expected the first line of a transcript, {"event":"vpn-monitor","version":1,...}',
  ],
  [`${HEAD}\nPassword:`, 'line 2: expected an event in JSON'],
  [`${HEAD}\n[1]`, 'line 2: expected an event in JSON'],
  [`${HEAD}\n{"event":"output","ms":-1,"text":""}`, 'line 2: not a whole event output'],
])('%j: %s', (text, why) => {
  expect(readTranscript(text)).toEqual({ ok: false, why });
});
