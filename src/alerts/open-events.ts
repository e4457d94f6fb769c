import { NAME_LIMIT } from '../probe/diagnosis.ts';
import type { State, ToldEvent } from '../state/store.ts';
import { oneLine } from '../words/printable.ts';
import type { HostEvent } from './host-policy.ts';
import { downSubject, type HostFacts, hostMessage, type Sender } from './message.ts';

/**
 * What is wrong now and was told: the outages, flapping and slowness of sites, and the faults of this host. For receivers that forget. Pure.
 *
 * @param factsOf what a message about this host says beside its event
 */
export function openEvents(
  { sites, host }: Pick<State, 'sites' | 'host'>,
  sender: Sender,
  factsOf: (event: HostEvent) => HostFacts,
): readonly ToldEvent[] {
  const outages = [...sites].flatMap(([site, { announced, since, cause }]): ToldEvent[] => {
    if (announced === null) return [];
    return [{ kind: 'failure', site, summary: downSubject(site, cause), at: announced.at, since, cause }];
  });
  const troubles = [...sites].flatMap(([site, { slow, flap }]): ToldEvent[] => {
    const name = oneLine(site, NAME_LIMIT);
    const told = { site, cause: null };
    return [
      ...(slow?.told === true
        ? [{ ...told, kind: 'slow', summary: `VPN ${name} SLOW`, at: slow.since, since: slow.since } as const]
        : []),
      ...(flap !== null && flap.since !== null
        ? [
            {
              ...told,
              kind: 'flapping',
              summary: `VPN ${name} flapping`,
              at: flap.since,
              since: flap.since,
            } as const,
          ]
        : []),
    ];
  });
  const ofSites = [...outages, ...troubles];
  // A missing uplink is told when it is over.
  if (host === null || host.announced.length === 0) return ofSites;
  const { faults, since, first } = host;
  const event = { kind: 'host-fault', faults, since: new Date(since), at: new Date(since), first } as const;
  const summary = hostMessage(event, sender, factsOf(event)).subject;
  return [...ofSites, { kind: 'host-fault', site: null, summary, at: since, since, cause: null }];
}
