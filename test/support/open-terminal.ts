import { Terminal } from '../../src/console/expect.ts';

/** Starts a program on a terminal of its own; throws where that can't be done. */
export function openTerminal(...args: Parameters<typeof Terminal.start>): Terminal {
  const started = Terminal.start(...args);
  if (!started.ok) throw new Error(started.why);
  return started.value;
}
