import * as v from 'valibot';
import type { Maintenance } from '../model/maintenance.ts';
import {
  decisiveFailure,
  lossOf,
  lossPercent,
  type SessionWarning,
  type SiteResult,
  STAGE_NAMES,
} from '../model/test-result.ts';
import { printable } from '../words/printable.ts';

/** The layout of a line. A line with a higher number was written by a newer program. */
const EVENT_VERSION = 1;

const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
  v.transform((text) => new Date(text)),
);

const about = { version: v.literal(EVENT_VERSION), time, site: v.string() };

const testEvent = v.variant('kind', [
  /** The test failed. */
  v.object({ ...about, kind: v.literal('failure'), cause: v.string(), detail: v.string() }),
  /** Echo requests of a ping got no reply: of stage 1 or 3, in percent. */
  v.object({ ...about, kind: v.literal('loss'), stage: v.number(), loss_percent: v.number() }),
  /** What a target of `inside` came to: milliseconds, `null` without a number. */
  v.object({
    ...about,
    kind: v.literal('inside'),
    target: v.string(),
    ms: v.nullable(v.number()),
    outcome: v.picklist(['ok', 'timeout', 'error']),
    detail: v.string(),
  }),
  /** A stage of a success took longer than `slow_ms` allowed. */
  v.object({
    ...about,
    kind: v.literal('slow'),
    stage: v.number(),
    ms: v.number(),
    limit_ms: v.number(),
  }),
  v.object({ ...about, kind: v.literal('password-expires'), expires: time, detail: v.string() }),
  v.object({ ...about, kind: v.literal('grace-logins'), left: v.number(), detail: v.string() }),
  v.object({ ...about, kind: v.literal('new-version'), detail: v.string() }),
  /** The test was made in a maintenance window, which began at `from` and was to end at `to`. */
  v.object({
    ...about,
    kind: v.literal('maintenance'),
    from: time,
    to: time,
    reason: v.nullable(v.string()),
  }),
]);

/**
 * What a test found and its CSV row can't hold: a failure's cause and words, packet loss, and what the gateway warned of.
 * Texts are redacted and printable. `time` is the start of the test.
 */
export type TestEvent = Readonly<v.InferOutput<typeof testEvent>>;

/** An event that warns of what will keep a later log-in from working. */
export type WarningEvent = Extract<TestEvent, { readonly kind: SessionWarning['kind'] }>;

/** A stage that was slow. */
export type SlowEvent = Extract<TestEvent, { readonly kind: 'slow' }>;

/** What a target of `inside` came to. */
export type InsideEvent = Extract<TestEvent, { readonly kind: 'inside' }>;

/** Whether an event is a {@link WarningEvent}. */
export function isWarning(event: TestEvent): event is WarningEvent {
  return !['failure', 'loss', 'inside', 'slow', 'maintenance'].includes(event.kind);
}

/** Whether an event is a {@link SlowEvent}. */
export function isSlow(event: TestEvent): event is SlowEvent {
  return event.kind === 'slow';
}

/**
 * The events of a finished test.
 *
 * @param maintenance of its site when it began; `null`: none
 */
export function eventsOf(result: SiteResult, maintenance: Maintenance | null = null): readonly TestEvent[] {
  const about = { version: EVENT_VERSION, time: result.time, site: result.site } as const;
  const failure = decisiveFailure(result);
  const failures: TestEvent[] =
    failure === undefined
      ? []
      : [{ ...about, kind: 'failure', cause: failure.cause, detail: printable(failure.detail) }];
  const losses = STAGE_NAMES.flatMap((_, index): TestEvent[] => {
    const stage = result.stages[index];
    const loss = stage && lossOf(stage);
    return loss ? [{ ...about, kind: 'loss', stage: index + 1, loss_percent: lossPercent(loss) }] : [];
  });
  const inside = (result.inside ?? []).map(({ target, result: { outcome, detail, ...value } }) => ({
    ...about,
    kind: 'inside' as const,
    target,
    ms: 'ms' in value ? Number(value.ms.toFixed(3)) : null,
    outcome,
    detail: printable(detail),
  }));
  const slow = (result.slow ?? []).map(({ stage, ms, limitMs }) => ({
    ...about,
    kind: 'slow' as const,
    stage,
    ms: Number(ms.toFixed(3)),
    limit_ms: limitMs,
  }));
  const warnings = (result.warnings ?? []).map((warning) => ({ ...about, ...asEvent(warning, result.time) }));
  const planned: TestEvent[] =
    maintenance === null
      ? []
      : [
          {
            ...about,
            kind: 'maintenance',
            from: new Date(maintenance.from),
            to: new Date(maintenance.to),
            reason: maintenance.reason,
          },
        ];
  return [...failures, ...losses, ...inside, ...slow, ...warnings, ...planned];
}

function asEvent(warning: SessionWarning, at: Date) {
  const detail = printable(warning.words);
  switch (warning.kind) {
    case 'password-expires':
      return { kind: warning.kind, expires: new Date(at.getTime() + warning.inMs), detail };
    case 'grace-logins':
      return { kind: warning.kind, left: warning.left, detail };
    case 'new-version':
      return { kind: warning.kind, detail };
  }
}

/** One line of an event file, with its LF: a JSON object. */
export function formatEvent(event: TestEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Parses a line of an event file; `null` if it is torn, of a newer version, or of a kind that this version does not know. */
export function parseEvent(line: string): TestEvent | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = v.safeParse(testEvent, json);
  return parsed.success ? parsed.output : null;
}
