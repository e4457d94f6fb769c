import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROFILES } from '../../src/clients/built-in.ts';
import type { ClientProfile } from '../../src/clients/profile.ts';
import { createRedactor } from '../../src/log/redact.ts';
import { logIn } from '../../src/probe/login.ts';
import { inChunks, type Place } from '../support/chunks.ts';
import { fakeMachine, type ProgramStep } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { MARK, probeConfig } from '../support/probe.ts';
import { CASES } from '../support/property.ts';
import { recordingLog } from '../support/recording-log.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';
import { TRANSCRIPTS, type Transcript } from './transcripts.ts';

function profileOf({ client }: Transcript): ClientProfile {
  const profile = PROFILES.get(client);
  if (profile === undefined) throw new Error(`no client is called ${client}`);
  return { ...profile, command: 'client' };
}

/** What a log-in comes to, and what is typed, when the client writes a recorded log-in in such chunks. */
async function play(transcript: Transcript, places: readonly Place[]) {
  const profile = profileOf(transcript);
  const answers = transcript.answers ?? ['monitor', PASSWORD, '1'];
  const steps = transcript.printed.flatMap((text, index): ProgramStep[] => [
    ...inChunks(Buffer.from(text), places).map(({ after, data }) => ({ after, prints: data })),
    ...(index < transcript.printed.length - 1 ? [{ reads: answers[index] ?? '' }] : []),
  ]);
  const { exits } = transcript;
  if (exits !== undefined) steps.push({ after: 5, exits: { code: exits, signal: 0 } });
  const machine = fakeMachine({ programs: { client: () => steps } });
  const site = simulatedSite('site1', { client: profile });
  const session = await logIn(
    site,
    {
      place: machine.system,
      log: recordingLog(),
      resultLog: recordingLog(),
      redact: createRedactor([site.password]),
      config: { login: { ...probeConfig().login, quitTimeout: 5 } },
      force: never,
      mark: MARK,
    },
    never,
  );
  await session.close(never);
  const { result } = session;
  const comesTo = result.outcome === 'ok' ? 'ok' : `${result.cause}: ${result.detail}`;
  const { logout } = profile;
  const logsOut = result.outcome === 'ok' && 'line' in logout;
  const typed = machine.typed.map((line) => line.slice(0, -1));
  return {
    comesTo,
    typed,
    expected: [...answers.slice(0, transcript.printed.length - 1), ...(logsOut ? ['quit'] : [])],
  };
}

test.each(TRANSCRIPTS)('$name: what it comes to', async (transcript) => {
  const { comesTo, typed, expected } = await play(transcript, []);
  expect(comesTo).toBe(transcript.comesTo);
  expect(typed).toEqual(expected);
});

test('any chunks of a log-in: it comes to the same, and the same is typed', async () => {
  // Less apart than the quiet that judges an unfinished line.
  const places = fc.array(fc.record({ at: fc.nat(), after: fc.integer({ min: 0, max: 250 }) }), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...TRANSCRIPTS), places, async (transcript, cuts) => {
      const { comesTo, typed, expected } = await play(transcript, cuts);
      expect(comesTo).toBe(transcript.comesTo);
      expect(typed).toEqual(expected);
    }),
    CASES,
  );
});
