import type { Place } from '../system/place.ts';

/** Larger than /etc/passwd of any host, in bytes. */
const PASSWD_LIMIT = 1024 * 1024;

/** Returns the name of a user in /etc/passwd, otherwise `uid N`. Does not ask a directory service, which may hang. */
export function userName(place: Pick<Place, 'readFile'>, uid: number): string {
  const found = users(place).find(([name, , id]) => name !== '' && id === String(uid));
  return found?.[0] ?? `uid ${uid}`;
}

/** Returns the home folder of a user in /etc/passwd; `undefined` if the user is not there, or has none. */
export function homeOf(place: Pick<Place, 'readFile'>, uid: number): string | undefined {
  const found = users(place).find(([name, , id]) => name !== '' && id === String(uid));
  return found?.[5] || undefined;
}

/** Returns the id of the group of a user in /etc/passwd; `undefined` if the user is not there. */
export function groupOf(place: Pick<Place, 'readFile'>, name: string): number | undefined {
  const id = users(place).find(([user]) => user === name)?.[3];
  return id === undefined || !/^\d+$/.test(id) ? undefined : Number(id);
}

/** Whether /etc/passwd has a user of this name. */
export function hasUser(place: Pick<Place, 'readFile'>, name: string): boolean {
  return users(place).some(([user]) => user === name);
}

function users(place: Pick<Place, 'readFile'>): readonly string[][] {
  const passwd = place.readFile('/etc/passwd', PASSWD_LIMIT);
  return passwd.state === 'read' ? passwd.text.split('\n').map((line) => line.split(':')) : [];
}
