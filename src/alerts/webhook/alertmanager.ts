import { EVENT_KINDS, type EventKind, KINDS } from '../../model/event-kinds.ts';
import type { ToldEvent } from '../../state/store.ts';
import { DAY_MS, MINUTE_MS } from '../../words/time.ts';
import type { Origin } from '../document.ts';

/** How often Alertmanager is told again of what is wrong. Its documentation advises 30 s to 3 min. */
export const REPEAT_MS = MINUTE_MS;

/**
 * How long an alert lasts that is not told again, in ms. Longer than the time between two deliveries: no message leaves while a tunnel
 * is up. If the monitor dies, its alerts end after this time.
 */
const LASTS_MS = 30 * MINUTE_MS;

/** How long an alert lasts about which nothing ends, such as a password that expires. People are told again after a day or a week. */
const NOTICE_MS = DAY_MS;

/**
 * The alerts of some events, for POST /api/v2/alerts of Alertmanager
 * (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml). Its labels name an alert, so the event that ends something has
 * those of the event that began it. Pure.
 *
 * @param at when this is sent
 */
export function alertsOf(
  events: readonly ToldEvent[],
  { hostname }: Pick<Origin, 'hostname'>,
  at: Date,
): string {
  return JSON.stringify(
    events.map(({ kind, site, summary, cause, since, at: time }) => ({
      labels: {
        alertname: EVENT_KINDS[kind].alert,
        severity: severityOf(kind),
        instance: hostname,
        ...(site === null ? {} : { site }),
      },
      annotations: { summary, ...(cause === null ? {} : { cause }) },
      startsAt: since ?? time,
      endsAt: endOf(kind, time, at),
    })),
  );
}

/** The severity of what begins under the name of an alert. */
function severityOf(kind: EventKind): string {
  const { alert } = EVENT_KINDS[kind];
  const begin = KINDS.find(
    (other) => EVENT_KINDS[other].alert === alert && EVENT_KINDS[other].state !== 'resolved',
  );
  return EVENT_KINDS[begin ?? kind].severity;
}

function endOf(kind: EventKind, time: string, at: Date): string {
  const { state } = EVENT_KINDS[kind];
  if (state === 'resolved') return time;
  return new Date(at.getTime() + (state === 'notice' ? NOTICE_MS : LASTS_MS)).toISOString();
}

/** The alert of a test notification, which ends by itself. Pure. */
export function testAlert(summary: string, { hostname }: Pick<Origin, 'hostname'>, at: Date): string {
  return JSON.stringify([
    {
      labels: { alertname: 'VpnMonitorTest', severity: 'info', instance: hostname },
      annotations: { summary },
      startsAt: at.toISOString(),
      endsAt: new Date(at.getTime() + MINUTE_MS).toISOString(),
    },
  ]);
}
