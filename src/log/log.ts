/** The log levels, with the names of the script (Python's logging), from the least to the most important. */
export const LEVELS = ['debug', 'info', 'warning', 'error', 'critical'] as const;

/** One of {@link LEVELS}. */
export type Level = (typeof LEVELS)[number];

/**
 * Writes messages to the log, unchanged. Redact text from a client, a server or an error first (see {@link Redact}).
 */
export type Log = { readonly [L in Level]: (message: string) => void };

/** Redacts all configured secrets from text produced by other programs. */
export type Redact = (text: string) => string;
