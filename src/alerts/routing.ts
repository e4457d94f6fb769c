import type { ChannelConfig } from '../config/config.ts';
import { EVENT_KINDS, type EventKind } from '../model/event-kinds.ts';

/** What a channel gets, and how. */
export type Subscription = Pick<ChannelConfig, 'events' | 'sites' | 'group'>;

/** The subscription of `logging.email`. */
export const ALL_EVENTS: Subscription = { events: null, sites: null, group: true };

/** Whether a channel gets an event. What is about this host (`site` is `null`) concerns all sites. Pure. */
export function gets({ events, sites }: Subscription, kind: EventKind, site: string | null): boolean {
  const isWanted = events === null || events.includes(EVENT_KINDS[kind].event);
  return isWanted && (site === null || sites === null || sites.includes(site));
}

/**
 * Whether a channel gets reports. Alertmanager does not: a report is no alert. Pure.
 *
 * @param channel `undefined`: `logging.email`
 */
export function getsReports(channel: ChannelConfig | undefined): boolean {
  if (channel?.way.kind === 'webhook' && channel.way.webhook.body === 'alertmanager') return false;
  return gets(channel ?? ALL_EVENTS, 'report', null);
}

/** The events that a channel gets, in the parts that are a message each. Pure. */
export function messagesFor<T extends { readonly kind: EventKind; readonly about: string }>(
  subscription: Subscription,
  events: readonly T[],
): readonly (readonly [T, ...T[]])[] {
  const [first, ...others] = events.filter(({ kind, about }) => gets(subscription, kind, about));
  if (first === undefined) return [];
  return subscription.group ? [[first, ...others]] : [first, ...others].map((event) => [event]);
}
