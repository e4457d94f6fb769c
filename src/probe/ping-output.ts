import { isIP } from 'node:net';
import { lossPercent, type StageResult } from '../model/test-result.ts';
import { oneLine } from '../words/printable.ts';
import { parsePingSummary, timesWithoutSteps } from './ping-summary.ts';

const NOT_RESOLVED =
  /not known|bad address|unknown host|name resolution|no address associated|not supported for/i;
/** EPERM and EACCES: of the socket, or of a firewall or route of this host. */
const NOT_PERMITTED =
  /permission denied|operation not permitted|lacking privilege|are you root|local firewall/i;
/** Other errors that keep this host from sending, in the words of glibc, musl and the BSDs: addresses, memory, files. */
const NOT_SENT =
  /assign requested address|address not available|no source address|no buffer space|cannot allocate|out of memory|too many open files|no file descriptors|family not supported|protocol not supported|no such device|unknown iface|message too long/i;
/**
 * ENETUNREACH, ENETDOWN, EHOSTUNREACH, and EINVAL of a blackhole route (ip-route(8)): nothing left this host. Only of a call
 * that sends: recvmsg(2) returns what a router has reported.
 */
const NO_ROUTE =
  /^(?!recv).*network is unreachable|network is down|^(?:connect|send\w*|sending packet): (?:no route to host|invalid argument)/i;
/** A silent neighbour. Once the kernel knows of it, a call that sends returns EHOSTUNREACH, although there is a route. */
const SILENT_NEIGHBOUR = /(?:host|address) unreachable/i;
const UNREACHABLE = /unreachable|no route to host|(?:host|network) is down/i;
/** Messages of ping that are not failures, such as a redirect (RFC 1122, 3.2.2.2). */
const REMARK =
  /redirect|source quench|\bDUP!|duplicate|time ?stamp|time of day|checksum|^warning: (?!got ICMP)|^socktype: /i;

/** Whether an error message of the system says that a right is missing. */
export function isNotPermitted(words: string): boolean {
  return NOT_PERMITTED.test(words);
}

/** An error message of ping. */
interface Complaint {
  readonly text: string;
  /** Whether it is about a system call of this host, not about a packet from the network. */
  readonly own: boolean;
}

/** The error messages of ping, in order. */
function complaintsIn(output: string): readonly Complaint[] {
  const found: Complaint[] = [];
  for (const line of output.split('\n')) {
    // Before 2017 iputils printed only the failed call: "connect: Network is unreachable".
    const own = /^(?:\S*ping[46]?: |(?=(?:connect|bind|send\w*|socket): ))(.*)$/.exec(line)?.[1];
    const received =
      /^(?:From \S+ (?:\(\S+\) )?(?:icmp_seq=\d+ )?|\d+ bytes from \S+(?: \(\S+\))?: (?!(?:icmp_)?seq[= ]))(.*)$/.exec(
        line,
      )?.[1];
    const text = own ?? received;
    if (text === undefined || REMARK.test(text)) continue;
    found.push({ text, own: own !== undefined && !/got ICMP/.test(text) });
  }
  return found;
}

/** The address that was pinged. */
function pingedAddress(host: string, output: string): string | undefined {
  if (isIP(host) !== 0) return host;
  return /^PING .*?\(([\da-f.:]+)\)/im.exec(output)?.[1];
}

/**
 * Converts the complete output of a ping to a stage's result. Pure.
 *
 * @param pinged the host, usually an address, `ping.max_loss`, in percent, and how long ping ran, by a clock without steps.
 * @param redact removes secrets from ping's text.
 */
export function judgePing(
  { host, maxLoss, tookMs }: { readonly host: string; readonly maxLoss: number; readonly tookMs: number },
  output: string,
  redact: (text: string) => string,
): StageResult {
  const summary = parsePingSummary(output);
  const address = pingedAddress(host, output);
  const where = address === undefined ? '' : ` (${address})`;
  const quote = (text: string) => oneLine(redact(text));
  const complaints = complaintsIn(output);
  const complaintOf = (cause: RegExp) =>
    quote((complaints.find(({ text }) => cause.test(text)) ?? complaints[0])?.text ?? '');
  const hostFault = hostFaultIn(complaints, where, quote);
  const hadRoute = complaints.some(({ text, own }) => !own && SILENT_NEIGHBOUR.test(text));
  const noRoute = complaints.some(
    ({ text, own }) => own && NO_ROUTE.test(text) && !(hadRoute && /no route to host/i.test(text)),
  );
  const route = noRoute ? ({ noRoute } as const) : {};
  if (summary?.rtt && summary.received > 0) {
    const { sent, received } = summary;
    const whole = timesWithoutSteps(output, summary.rtt, tookMs);
    if (whole === null) {
      const { min, max } = summary.rtt;
      const detail = `ping printed no possible round-trip time (min ${min} ms, max ${max} ms): the clock of this host may have been set meanwhile${where}`;
      return { outcome: 'error', cause: 'ping-failed', detail };
    }
    const { times: rtt, kept } = whole;
    // With duplicates there may be more replies than requests.
    const lost = Math.max(0, sent - received);
    const loss = lost / sent;
    const spread = rtt.mdev === undefined ? '' : `, mdev ${rtt.mdev.toFixed(3)} ms`;
    const part =
      kept === undefined
        ? ''
        : ` (times of ${kept} of ${received}: the clock of this host was set meanwhile)`;
    const times = `avg ${rtt.avg.toFixed(3)} ms, max ${rtt.max.toFixed(3)} ms${spread}, packet loss ${lossPercent(loss)} %${part}`;
    if (100 * lost <= maxLoss * sent) return { outcome: 'ok', ms: rtt.avg, loss, detail: `${times}${where}` };
    if (hostFault !== undefined) return { ...hostFault, loss };
    const complaint = complaintOf(UNREACHABLE);
    const why = complaint === '' ? '' : `: ${complaint}`;
    return {
      outcome: 'error',
      cause: 'packet-loss',
      loss,
      detail: `packet loss above ${maxLoss} %: ${times}${where}${why}`,
    };
  }
  if (summary?.received === 0) {
    if (hostFault !== undefined) return hostFault;
    const to = address === undefined ? '' : ` to ${address}`;
    // iputils waits silently while this host has no buffer space for the packet.
    if (summary.sent === 0) {
      return { outcome: 'error', cause: 'ping-not-sent', detail: `this host sent no echo request${to}` };
    }
    const complaint = complaintOf(UNREACHABLE);
    const why = complaint === '' ? '' : ` (${complaint})`;
    const requests = summary.sent === 1 ? '1 echo request' : `${summary.sent} echo requests`;
    return {
      outcome: 'timeout',
      cause: 'unreachable',
      detail: `no reply to ${requests}${to}${why}`,
      ...route,
    };
  }
  if (summary !== undefined) {
    const detail = `ping printed no round-trip time (replies: ${summary.received} of ${summary.sent})${where}`;
    return { outcome: 'error', cause: 'ping-failed', detail };
  }
  const said = (cause: RegExp) => complaintOf(cause) || quote(output);
  if (NOT_RESOLVED.test(output)) {
    // A ping for IPv4 only, or the zone of a device that is not there.
    if (isIP(host) !== 0) {
      const detail = `this host can't send the ping: ${said(NOT_RESOLVED)}${where}`;
      return { outcome: 'error', cause: 'ping-not-sent', detail };
    }
    const detail = `${host} was not resolved: ${said(NOT_RESOLVED)}`;
    return { outcome: 'error', cause: 'name-not-resolved', detail };
  }
  if (hostFault !== undefined) return hostFault;
  if (NOT_PERMITTED.test(output)) {
    const detail = `ping is not permitted: ${said(NOT_PERMITTED)}${where}`;
    return { outcome: 'error', cause: 'ping-not-permitted', detail };
  }
  if (noRoute || UNREACHABLE.test(output)) {
    return {
      outcome: 'error',
      cause: 'unreachable',
      detail: `${said(noRoute ? NO_ROUTE : UNREACHABLE)}${where}`,
      ...route,
    };
  }
  return {
    outcome: 'error',
    cause: 'ping-failed',
    detail: `${said(/./) || 'ping printed no summary'}${where}`,
  };
}

/** The fault of this host that ping's error messages show: it is not the gateway's fault then. */
function hostFaultIn(
  complaints: readonly Complaint[],
  where: string,
  quote: (text: string) => string,
): Extract<StageResult, { outcome: 'error' }> | undefined {
  const own = complaints.filter((complaint) => complaint.own).map(({ text }) => text);
  const denied = own.find((text) => NOT_PERMITTED.test(text));
  if (denied !== undefined) {
    const detail = `ping is not permitted: ${quote(denied)}${where}`;
    return { outcome: 'error', cause: 'ping-not-permitted', detail };
  }
  const unsent = own.find((text) => NOT_SENT.test(text));
  if (unsent === undefined) return undefined;
  const detail = `this host can't send the ping: ${quote(unsent)}${where}`;
  return { outcome: 'error', cause: 'ping-not-sent', detail };
}
