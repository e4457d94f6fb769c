import * as v from 'valibot';
import { failed, good, type Result } from '../model/result.ts';

const at = { ms: v.pipe(v.number(), v.minValue(0)) };
/** The events that are known here, by name. A later version may write others, and further members. */
const EVENTS = {
  started: v.object({ event: v.literal('started'), ...at, args: v.array(v.string()) }),
  output: v.object({ event: v.literal('output'), ...at, text: v.string() }),
  cut: v.object({ event: v.literal('cut'), ...at, characters: v.number() }),
  typed: v.object({
    event: v.literal('typed'),
    ...at,
    /** The names of the keys whose values were typed, with blanks between them. */
    what: v.optional(v.string()),
    text: v.optional(v.string()),
  }),
  signal: v.object({ event: v.literal('signal'), ...at, signal: v.string() }),
  ran: v.object({ event: v.literal('ran'), ...at, code: v.nullable(v.number()), output: v.string() }),
  ended: v.object({ event: v.literal('ended'), ...at, code: v.number(), signal: v.number() }),
  result: v.object({
    event: v.literal('result'),
    outcome: v.string(),
    cause: v.nullable(v.string()),
    detail: v.string(),
  }),
};
const Head = v.object({ event: v.literal('vpn-monitor'), version: v.literal(1), client: v.string() });

/** An event of a transcript, `ms` after the start of the client. */
export type TranscriptEvent = v.InferOutput<(typeof EVENTS)[Exclude<keyof typeof EVENTS, 'result'>]>;

/** A dialogue that was written to a file: see {@link Transcript}. */
export interface SavedTranscript {
  /** The name of the client profile that it was made with. */
  readonly client: string;
  readonly events: readonly TranscriptEvent[];
  /** What the test came to; `undefined`: it was cut short. */
  readonly result: v.InferOutput<typeof EVENTS.result> | undefined;
}

/** Reads the text of a transcript. Fails if it is none: in which line, and why. */
export function readTranscript(text: string): Result<SavedTranscript> {
  const lines = text.split('\n').map((line, index) => ({ number: index + 1, line: line.trim() }));
  const [first, ...rest] = lines.filter(({ line }) => line !== '');
  const head = v.safeParse(Head, jsonOf(first?.line ?? ''));
  if (first === undefined || !head.success)
    return failed(
      `line ${first?.number ?? 1}: expected the first line of a transcript, {"event":"vpn-monitor","version":1,...}`,
    );
  const events: TranscriptEvent[] = [];
  let result: SavedTranscript['result'];
  for (const { number, line } of rest) {
    const json = jsonOf(line);
    const { success, output: named } = v.safeParse(v.object({ event: v.string() }), json);
    if (!success) return failed(`line ${number}: expected an event in JSON`);
    const schema = Object.entries(EVENTS).find(([name]) => name === named.event)?.[1];
    if (schema === undefined) continue;
    const parsed = v.safeParse(schema, json);
    if (!parsed.success) return failed(`line ${number}: not a whole event ${named.event}`);
    if (parsed.output.event === 'result') result = parsed.output;
    else events.push(parsed.output);
  }
  return good({ client: head.output.client, events, result });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
