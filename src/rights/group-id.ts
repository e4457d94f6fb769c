import type { Place } from '../system/place.ts';

/** Larger than /etc/group of any host, in bytes. */
const GROUP_LIMIT = 1024 * 1024;

/** Returns the id of a group in /etc/group, or of a number; `null` if there is none. Does not ask a directory service, which may hang. */
export function groupId(place: Pick<Place, 'readFile'>, group: string): number | null {
  if (/^\d{1,10}$/.test(group)) return Number(group);
  const read = place.readFile('/etc/group', GROUP_LIMIT);
  if (read.state !== 'read') return null;
  const found = read.text.split('\n').map((line) => line.split(':'));
  const id = found.find(([name]) => name === group)?.[2];
  return id === undefined || !/^\d+$/.test(id) ? null : Number(id);
}
