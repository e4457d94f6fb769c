import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installScript, type World } from '../../support/world.ts';
import { type HostState, PRINT_HOST_STATE, readHostState } from './client.ts';

/** What the host of the clients was like when the monitor was about to ping an address. */
export interface Look {
  readonly target: string;
  readonly host: HostState;
  /** The names of all that ran on it, sorted, each once. */
  readonly programs: readonly string[];
}

/** Stands before the ping of a world: looks at the host each time that the monitor pings, and can make it wait. */
export interface Witness {
  /** What it has seen so far, in order. */
  looks(): Look[];
  /** The next pings of an address wait, from the one with this number on (1: the first one ever). */
  hold(target: string, from?: number): void;
  /** Whether a ping of the address waits. */
  holds(target: string): boolean;
  release(target: string): void;
}

/** A silence costs 2 s and not the 10 s of ping's own: `-W` says how long a reply is waited for. */
const script = (folder: string) => `#!/bin/bash
target=\${!#}
looks=(${folder}/*@*)
[ -e "\${looks[0]}" ] || looks=()
look=${folder}/\${#looks[@]}@$target
{ ${PRINT_HOST_STATE}; } >"$look"
ps -A -o netns=,comm= >"\${look/@/ programs of }"
from=$(cat ${folder}/hold-$target 2>/dev/null) && pinged=(${folder}/*@$target) && if [ \${#pinged[@]} -ge $from ]; then
  touch ${folder}/held-$target
  while [ -e ${folder}/hold-$target ]; do sleep 0.02; done
  rm -f ${folder}/held-$target
fi
exec /bin/ping -W 2 "$@"
`;

/** Puts a {@link Witness} into a world. */
export function callWitness(world: World): Witness {
  const folder = path.join(world.folder, 'witness');
  mkdirSync(folder);
  installScript(world, 'ping', script(folder));
  const network = world.run('readlink /proc/self/ns/net').replace(/\D/g, '');
  const at = (name: string) => path.join(folder, name);
  const read = (name: string) => readFileSync(at(name), 'utf8');
  return {
    looks: () =>
      readdirSync(folder)
        .filter((name) => /^\d+@/.test(name))
        .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
        .map((name) => ({
          target: name.replace(/^\d+@/, ''),
          host: readHostState(read(name)),
          programs: programsIn(network, read(name.replace('@', ' programs of '))),
        })),
    hold: (target, from = 1) => writeFileSync(at(`hold-${target}`), String(from)),
    holds: (target) => existsSync(at(`held-${target}`)),
    release: (target) => rmSync(at(`hold-${target}`)),
  };
}

/** The gateways' processes are in network namespaces of their own. */
function programsIn(network: string, listed: string): string[] {
  const names = listed
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([namespace]) => namespace === network)
    .map(([, name = '']) => name);
  return [...new Set(names)].sort();
}
