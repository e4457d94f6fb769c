import type { SiteConfig } from '../config/config.ts';
import type { SavedTranscript } from '../log/read-transcript.ts';
import type { StageResult } from '../model/test-result.ts';
import type { Meaning, Replayed } from '../probe/replay.ts';
import { printable } from '../words/printable.ts';

/** Describes a replay, in lines: each line of the client with what it is to the profile, and what the log-in comes to. */
export function replayInWords(
  { client, result }: SavedTranscript,
  site: SiteConfig,
  replayed: Replayed,
): readonly string[] {
  const keys = [
    ...(site.username === undefined ? [] : ['username']),
    ...(site.password === undefined ? [] : ['password']),
    ...(site.totp === undefined ? [] : ['totp']),
    ...site.clientKeys.keys(),
    ...(site.clientSecrets?.keys() ?? []),
  ];
  return [
    `client:   ${site.client.name} (the transcript was made with ${client})`,
    `site:     ${site.name}, with ${keys.length === 0 ? 'no keys' : keys.join(', ')}`,
    '',
    ...replayed.lines.flatMap(({ text, means }) => [
      `  | ${text}`,
      ...(means === undefined ? [] : [`    = ${meaningInWords(means)}`]),
    ]),
    '',
    ...differenceInWords(replayed.typed),
    `log-in:   ${resultInWords(replayed.result)}`,
    ...(result === undefined ? [] : [`recorded: ${outcomeInWords(result)}`]),
  ].map(printable);
}

function meaningInWords(means: Meaning): string {
  switch (means.kind) {
    case 'prompt': {
      const answered = means.answer === undefined ? 'not answered' : `answered with ${means.answer}`;
      return `the prompt ${means.prompt} ${answered}`;
    }
    case 'success':
      return 'the success';
    case 'failure':
      return means.passing
        ? `a failure, unless the client goes on: ${means.cause}`
        : `a failure: ${means.cause}`;
    case 'notice':
      return `a warning: ${means.notice}`;
    case 'end':
      return 'the end of the session';
  }
}

/** Where the answers of the transcript and of the profile part: what follows in the transcript is then no answer to the profile. */
function differenceInWords({ recorded, profile }: Replayed['typed']): readonly string[] {
  const differs = (index: number) => {
    const [one, other] = [recorded[index], profile[index]];
    // The number of a button depends on the list.
    return one !== other && (one === undefined || other === undefined || !other.includes('{button:'));
  };
  const index = profile.findIndex((_, at) => differs(at));
  if (index === -1) return [];
  const was = recorded[index] === undefined ? 'nothing' : recorded[index];
  return [`answer ${index + 1}: the profile types ${profile[index]}, the transcript has ${was}`];
}

function resultInWords(result: StageResult): string {
  // Its time is that of the transcript and of the profile, not of a gateway.
  if (result.outcome === 'ok') return 'SUCCESS';
  return outcomeInWords(result);
}

function outcomeInWords({
  outcome,
  cause,
  detail,
}: {
  readonly outcome: string;
  readonly cause?: string | null;
  readonly detail: string;
}): string {
  return outcome === 'ok' ? `SUCCESS, ${detail}` : `ERROR, ${cause}: ${detail}`;
}
