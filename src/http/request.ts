import { startDeadline } from '../system/deadline.ts';
import type { Clock } from '../system/place.ts';
import type { System } from '../system/system.ts';
import { type HttpRequest, ProxyRefusal } from './exchange.ts';
import { proxyFor, proxyInWords } from './proxy.ts';

/** What came of a request. `words` are one line and hold nothing of what was sent. */
export type HttpOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Status code and phrase, such as `200 OK`. */
      readonly words: string;
      /** How long the server asks to be left alone, in ms; `null`: it does not. */
      readonly retryAfterMs: number | null;
    }
  /** `connected`: whether the server may have got the request. */
  | { readonly kind: 'failed'; readonly words: string; readonly connected: boolean };

/**
 * Sends one request on a connection of its own, by the proxy that the environment names for it (see proxy.ts). Follows no redirect and
 * reads no body of an answer. An abort ends it at once. Never rejects.
 *
 * @param timeoutMs for all of it
 */
export async function sendRequest(
  request: HttpRequest,
  timeoutMs: number,
  system: Clock & Pick<System, 'env'>,
  signal: AbortSignal,
): Promise<HttpOutcome> {
  const found = proxyFor(request.url, system.env);
  if (!found.ok) return { kind: 'failed', words: found.why, connected: false };
  const proxy = found.value;
  const deadline = startDeadline(system, timeoutMs, signal);
  let connected = false;
  const exchange = {
    signal: deadline.signal,
    onConnected: () => {
      connected = true;
    },
  };
  const headers = { 'user-agent': 'vpn-monitor', ...request.headers };
  try {
    // Lazily: most runs send nothing, and most of the others without a proxy.
    const { status, phrase, retryAfter } =
      proxy === null
        ? await (await import('./send-direct.ts')).sendDirect({ ...request, headers }, exchange)
        : await (await import('./send-by-proxy.ts')).sendByProxy(
            { ...request, headers },
            proxy.url,
            exchange,
          );
    const words = `${status} ${phraseOf(phrase)}`.trim();
    return { kind: 'answered', status, words, retryAfterMs: waitOf(retryAfter, system.now()) };
  } catch (error) {
    const words = deadline.expired() ? `no answer within ${timeoutMs / 1000} s` : wordsOf(error);
    const by = proxy === null ? '' : `, by the proxy ${proxyInWords(proxy)}`;
    return { kind: 'failed', words: `${words}${by}`, connected };
  } finally {
    deadline.end();
  }
}

/** The wait that a Retry-After asks for: seconds or a date (RFC 9110, 10.2.3). `null`: none. */
function waitOf(retryAfter: string | undefined, now: Date): number | null {
  if (retryAfter === undefined) return null;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now.getTime();
  return ms > 0 ? ms : null;
}

/** The phrase of an answer if it is plain: a server may send any text. */
function phraseOf(phrase = ''): string {
  return /^[A-Za-z' -]{1,40}$/.test(phrase) ? phrase : '';
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ENOTFOUND: 'the name of its host is not found',
  EAI_AGAIN: 'the name of its host is not found: no name server answers',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'no answer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** An error of Node in words. Its message may hold the address, so only its code is used. */
function wordsOf(error: unknown): string {
  if (error instanceof ProxyRefusal) return error.message;
  // That of an abort is a number.
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const words = WORDS[code];
  if (words !== undefined) return words;
  if (code.startsWith('HPE_')) return `its answer is not HTTP (${code})`;
  if (/CERT|SIGNATURE|ISSUER|CRL/.test(code)) return `its certificate is not trusted (${code})`;
  return code === '' ? 'the request failed' : `it can't be reached (${code})`;
}
