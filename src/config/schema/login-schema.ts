import * as v from 'valibot';
import { PERMISSIONS } from '../../clients/profile.ts';
import { MAX_MINUTES, MAX_WAIT_SECONDS, mapping, minutes, seconds, withDefault } from './parts-schema.ts';

/** `login`. */
export const LoginSchema = mapping({
  step_timeout: withDefault(
    seconds(1, MAX_WAIT_SECONDS),
    30,
    "Seconds to wait for each of the client's prompts.",
  ),
  quit_timeout: withDefault(seconds(1, MAX_WAIT_SECONDS), 30, 'Seconds for the client to log out.'),
  rejected_retry_minutes: withDefault(
    minutes(0, MAX_MINUTES),
    0,
    'Minutes to wait after rejected credentials, a rejected second factor or a locked account before the next log-in, so that the account is not locked. The rows in between are ERROR. 0: no wait.',
  ),
  allow: withDefault(
    v.array(v.picklist(PERMISSIONS, 'end-sessions or terms'), 'a list of end-sessions and terms'),
    [],
    'What a log-in may do beside answering its own questions. end-sessions: end other sessions of the same user if the gateway has reached its limit. terms: accept terms of use.',
  ),
});
