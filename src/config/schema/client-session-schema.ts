import * as v from 'valibot';
import { cause, pattern, sideCommand, words } from './client-values-schema.ts';
import { flag, mapping, optional, required, string } from './parts-schema.ts';

/** The signals that can ask a client to log out. SIGKILL leaves it no time for that. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** How a client is known to have logged in. */
export const success = mapping({
  expect: required(pattern, 'The text of a successful log-in, as a pattern.'),
  unless: optional(
    pattern,
    'Does not count if the same line matches this pattern. Default: it always counts.',
  ),
  shown_by: optional(
    mapping({
      ...sideCommand,
      wakes: optional(
        flag,
        'Whether a packet brings it about: internal_ip is pinged meanwhile. Default: no.',
      ),
      cause: required(cause, 'What it means if the text is not there within login.step_timeout.'),
      words,
    }),
    'The command in whose output the text is, after the client has returned with status 0. It is run again and again. Default: the text is in the output of the client.',
  ),
});

/** How a client is made to log out. */
export const logout = v.pipe(
  mapping({
    line: optional(string, 'A line that is typed.'),
    signal: optional(
      v.picklist(SIGNALS, 'SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 or SIGUSR2'),
      'A signal that is sent.',
    ),
    run: optional(mapping(sideCommand), 'Another command.'),
  }),
  v.check(
    (logout) => Object.values(logout).filter((value) => value !== undefined).length === 1,
    'a line, a signal or run, and only one of them',
  ),
);
