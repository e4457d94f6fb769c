import type { Cause, SiteResult, StageResult } from '../model/test-result.ts';
import { oneLine } from '../words/printable.ts';

/** The causes of a test that did not take place. */
const UNTESTED: readonly Cause[] = ['host-not-clean', 'ps-missing', 'no-uplink'];

/**
 * Describes a failed test in one sentence that shows where to look first: the route to the gateway, the account, the client,
 * or the network behind the gateway.
 */
export function diagnose({ site, stages: [outside, login, inside] }: SiteResult): string {
  const name = oneLine(site, NAME_LIMIT);
  if (login.outcome !== 'ok' && UNTESTED.includes(login.cause)) {
    return `${name}: not tested${because(login)}`;
  }
  if (login.outcome !== 'ok') return `${name}: ${reach(outside)} ${loginInWords(login)}`;
  if (inside.outcome === 'ok') {
    return `${name}: ${unreached(outside)}, but the log-in works and the inside answers${because(outside)}`;
  }
  if (outside.outcome === 'ok')
    return `${name}: the log-in works, but ${unanswered(inside)}${because(inside)}`;
  return `${name}: the log-in works, but ${unreached(outside)}, and ${unanswered(inside)}${because(inside)}`;
}

/** The maximum length of a name in a sentence or a subject, in characters. */
export const NAME_LIMIT = 100;

type Failed = Exclude<StageResult, { outcome: 'ok' }>;

function reach(outside: StageResult): string {
  return outside.outcome === 'ok' ? 'the gateway answers pings and' : `${unreached(outside)}, and it`;
}

function unreached(outside: StageResult): string {
  if (outside.outcome === 'ok') return 'the gateway answers pings';
  if (outside.cause === 'name-not-resolved') return "the gateway's name is not resolved";
  if (outside.cause === 'packet-loss') return 'too many pings of the gateway get no reply';
  if (outside.cause === 'ping-not-sent') return 'this host could not send its pings of the gateway';
  return outside.outcome === 'timeout' || outside.cause === 'unreachable'
    ? 'the gateway does not answer pings'
    : 'the gateway could not be pinged';
}

function unanswered(inside: Failed): string {
  if (inside.cause === 'inside-wrong') return 'what is inside does not answer as it should';
  if (inside.cause === 'inside-not-asked') return 'this host could not ask what is inside';
  if (inside.cause === 'tunnel-no-traffic') return 'nothing gets inside';
  if (inside.cause === 'client-exited') return 'the session did not last';
  if (inside.cause === 'name-not-resolved') return 'the name inside is not resolved';
  if (inside.cause === 'packet-loss') return 'too many pings inside get no reply';
  if (inside.cause === 'ping-not-sent') return 'this host could not send its pings inside';
  return inside.outcome === 'timeout' || inside.cause === 'inside-unreachable'
    ? 'nothing answers inside'
    : 'the inside could not be pinged';
}

/** How the gateway answered the log-in. Follows "and" or "and it". */
function loginInWords(login: Failed): string {
  switch (login.cause) {
    case 'credentials-rejected':
      return `rejects the credentials${because(login)}`;
    case 'password-expired':
      return `accepts no log-in before the password is changed${because(login)}`;
    case 'account-locked':
      return `has locked the account${because(login)}`;
    case 'second-factor':
      return `${login.outcome === 'error' && login.rejected ? 'rejects' : 'asks for'} a second factor${because(login)}`;
    case 'session-limit':
      return `accepts no further session of this user${because(login)}`;
    case 'no-such-group':
      return `does not have the login group${because(login)}`;
    case 'refused':
      return `refuses the log-in${because(login)}`;
    case 'tls':
      return `is not trusted by the client${because(login)}`;
    case 'unreachable':
      return `can't be reached by the client${because(login)}`;
    case 'name-not-resolved':
      return `is not found by the client${because(login)}`;
    case 'not-tried':
    case 'client-missing':
    case 'client-not-started':
    case 'client-busy':
      return `was not logged in at${because(login)}`;
    case 'prompt-not-seen':
      return `does not ask what it should${because(login)}`;
    case 'step-timed-out':
      return `does not go on with the log-in${because(login)}`;
    case 'client-exited':
      return `does not let the client in: the client gave up${because(login)}`;
    default:
      return `does not let the client in${because(login)}`;
  }
}

function because(stage: StageResult): string {
  const detail = stage.outcome === 'ok' ? '' : oneLine(stage.detail);
  return detail === '' ? '' : ` (${detail})`;
}
