import type { Place } from '../system/place.ts';

const SETTING = '/proc/sys/net/ipv4/ping_group_range';
/** The last group that the setting can name (icmp(7)). */
const LAST_GROUP = 2 ** 31 - 1;

/**
 * Whether the kernel lets a group ping without CAP_NET_RAW, as of now (icmp(7)).
 *
 * @param group its id; `undefined`: not known yet, so every group must be allowed.
 */
export function groupMayPing(place: Pick<Place, 'readFile'>, group: number | undefined): boolean {
  const setting = place.readFile(SETTING);
  const range = setting.state === 'read' ? /^(\d+)\s+(\d+)/.exec(setting.text) : null;
  if (range === null) return false;
  const [from, to] = [Number(range[1]), Number(range[2])];
  return from <= (group ?? 0) && (group ?? LAST_GROUP) <= to;
}
