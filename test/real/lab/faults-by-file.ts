import { readdirSync } from 'node:fs';
import * as faults from './faults.ts';
import type { Gateway } from './lab.ts';

/** How often the folder is looked at, in ms. */
const LOOK_EVERY_MS = 200;

/** The faults that a person can make, by name. */
export const NAMED_FAULTS: ReadonlyMap<string, faults.Fault> = new Map([
  ['link-down', faults.linkDown],
  ['pings-dropped', faults.pingsDropped],
  ['port-refused', faults.portRefused],
  ['port-silent', faults.portSilent],
  ['inside-dropped', faults.insideDropped],
  ['half-lost', faults.loss(50)],
  ['server-frozen', faults.serverFrozen],
  ['login-hangs', faults.loginHangs],
  ['login-refused', faults.loginRefused],
  ['server-killed', faults.serverKilled],
]);

/**
 * Makes the faults whose files are in a folder, such as `gw1.port-silent`, and mends each when its file is gone.
 *
 * @param say is told what was made and mended, and which file means nothing.
 * @returns what ends it; nothing is mended then.
 */
export function followFaultFiles(
  folder: string,
  gateways: readonly Gateway[],
  say: (words: string) => void,
): () => void {
  const made = new Map<string, faults.Mend>();
  let busy = false;
  const look = async () => {
    const files = readdirSync(folder);
    for (const file of files.filter((name) => !made.has(name))) {
      const [name, fault = ''] = file.split('.');
      const gateway = gateways.find((known) => known.name === name);
      const make = NAMED_FAULTS.get(fault);
      const known = gateway !== undefined && make !== undefined;
      made.set(file, known ? make(gateway) : async () => undefined);
      say(known ? `${file} is on` : `${file} is no fault of a gateway here`);
    }
    for (const [file, mend] of made) {
      if (files.includes(file)) continue;
      made.delete(file);
      await mend();
      say(`${file} is off`);
    }
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    look()
      .catch((error) => say(String(error)))
      .finally(() => {
        busy = false;
      });
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
