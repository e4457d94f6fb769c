import type { Exchange, HttpAnswer, HttpRequest } from './exchange.ts';

/** Sends a request on a connection of its own. Rejects with Node's error of the connection, or the reason of the abort. */
export async function sendDirect(
  { method, url, headers, body, secureContext }: HttpRequest,
  { signal, onConnected }: Exchange,
): Promise<HttpAnswer> {
  const isTls = url.protocol === 'https:';
  // Lazily: most runs send nothing.
  const { request } = isTls ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        ...headers,
      },
      agent: false,
      signal,
      ...(isTls ? { secureContext: secureContext() } : {}),
    });
    sent.once('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', onConnected));
    sent.once('error', reject);
    sent.once('response', (response) => {
      const { statusCode: status = 0, statusMessage: phrase } = response;
      resolve({ status, phrase, retryAfter: response.headers['retry-after'] });
      response.once('error', () => undefined);
      response.destroy();
    });
    sent.end(body);
  });
}
