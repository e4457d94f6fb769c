import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { makeCertificate } from './certificate.ts';
import type { Place } from './network.ts';
import { type Account, CODE_SECRET, type Server } from './server.ts';

/** A gateway of which no real one can be had: a program of ours that speaks its log-in as openconnect does, and a tunnel. */
export type StandIn = 'fortigate' | 'globalprotect';

/** The kinds of {@link StandIn}, and openconnect's `--protocol` for each. */
export const STAND_INS = { fortigate: 'fortinet', globalprotect: 'gp' } as const satisfies Record<
  StandIn,
  string
>;

/** A stand-in. `mode`: see the program. */
export function standIn(
  kind: StandIn,
  { external, inner, pool }: Place,
  folder: string,
  { username }: Account,
  mode = '',
): Server {
  const program = path.join(import.meta.dirname, 'stand-ins', `${kind}.mjs`);
  const attempts = `${folder}/attempts`;
  return {
    prepare: `
printf '%s\\n%s\\n' '${username}' "$PASSWORD" >'${folder}/account'
${makeCertificate(folder, external)}`,
    command: `'${process.execPath}' '${program}' '${folder}' ${external} ${inner} ${pool} ${CODE_SECRET.hex} '${mode}'`,
    ready: /^ready$/m,
    attempts: () => (existsSync(attempts) ? readFileSync(attempts, 'utf8').split('\n').length - 1 : 0),
    kick: () => Promise.reject(new Error('a stand-in ends no session')),
  };
}
