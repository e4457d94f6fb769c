/** The levels of the log, as the script (Python's logging) calls them, most talkative first. */
export const LEVELS = ['debug', 'info', 'warning', 'error', 'critical'] as const;

/** One of {@link LEVELS}. */
export type Level = (typeof LEVELS)[number];

/**
 * Where the program says what it does. The message is written as it is: text that came from a client, a server
 * or an error must have been through a {@link Redact} first.
 */
export type Log = { readonly [L in Level]: (message: string) => void };

/** Takes every secret of the config out of a foreign text. */
export type Redact = (text: string) => string;
