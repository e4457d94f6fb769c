import type { SecureContext } from 'node:tls';
import { startDeadline } from '../system/deadline.ts';
import type { Clock } from '../system/place.ts';

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** http or https. It may be a secret: no outcome holds it or a part of it. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For https: see trust.ts. Called once, and only if it is needed. */
  readonly secureContext: () => SecureContext;
  /** For all of it, in ms. */
  readonly timeoutMs: number;
}

/** What came of a request. `words` are one line and hold nothing of what was sent. */
export type HttpOutcome =
  /** `words`: status code and phrase, such as `200 OK`. */
  | { readonly kind: 'answered'; readonly status: number; readonly words: string }
  /** `connected`: whether the server may have got the request. */
  | { readonly kind: 'failed'; readonly words: string; readonly connected: boolean };

/**
 * Sends one request on a connection of its own. Follows no redirect and reads no body of an answer. An abort ends it at once. Never
 * rejects.
 */
export async function sendRequest(
  { method, url, headers, body, secureContext, timeoutMs }: HttpRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<HttpOutcome> {
  const isTls = url.protocol === 'https:';
  // Lazily: most runs send nothing.
  const { request } = isTls ? await import('node:https') : await import('node:http');
  const deadline = startDeadline(clock, timeoutMs, signal);
  let connected = false;
  try {
    return await new Promise((resolve, reject) => {
      const sent = request(url, {
        method,
        headers: {
          'user-agent': 'vpn-monitor',
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
        agent: false,
        signal: deadline.signal,
        ...(isTls ? { secureContext: secureContext() } : {}),
      });
      sent.once('socket', (socket) =>
        socket.once(isTls ? 'secureConnect' : 'connect', () => {
          connected = true;
        }),
      );
      sent.once('error', reject);
      sent.once('response', (response) => {
        const { statusCode: status = 0 } = response;
        resolve({ kind: 'answered', status, words: `${status} ${phraseOf(response.statusMessage)}`.trim() });
        response.once('error', () => undefined);
        response.destroy();
      });
      sent.end(body);
    });
  } catch (error) {
    const words = deadline.expired() ? `no answer within ${timeoutMs / 1000} s` : wordsOf(error);
    return { kind: 'failed', words, connected };
  } finally {
    deadline.end();
  }
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
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** An error of Node in words. Its message may hold the address, so only its code is used. */
function wordsOf(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  const words = WORDS[code];
  if (words !== undefined) return words;
  if (code.startsWith('HPE_')) return `its answer is not HTTP (${code})`;
  if (/CERT|SIGNATURE|ISSUER|CRL/.test(code)) return `its certificate is not trusted (${code})`;
  return code === '' ? 'the request failed' : `it can't be reached (${code})`;
}
