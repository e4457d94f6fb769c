import { setMaxListeners } from 'node:events';

/** A signal that is never aborted. */
export const never = new AbortController().signal;
// All tests of a process share it.
setMaxListeners(0, never);
