/** From SIGTERM to SIGKILL, in ms: for a client to take its routes and its tunnel down. */
export const TERM_GRACE_MS = 3000;

/** A killed process is gone or stuck in the kernel after this long, in ms. */
export const KILL_GRACE_MS = 1000;
