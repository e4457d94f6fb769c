import { isIP } from 'node:net';
import { ProxyAgent } from 'undici';
import { type Exchange, type HttpAnswer, type HttpRequest, ProxyRefusal } from './exchange.ts';
import { decoded } from './proxy.ts';

/**
 * Sends a request on a connection of its own to a proxy: https through a tunnel (CONNECT), in which the server's certificate is checked as
 * without a proxy; http by asking the proxy for the whole URL, since many allow a tunnel to port 443 alone.
 *
 * Rejects with the error of the connection, a {@link ProxyRefusal} or the reason of the abort.
 *
 * @param proxy http or https. Its user and password are sent to it alone.
 */
export async function sendByProxy(
  { method, url, headers, body, secureContext }: HttpRequest,
  proxy: URL,
  { signal, onConnected }: Exchange,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const isTls = url.protocol === 'https:' || proxy.protocol === 'https:';
  const trusted = isTls ? { secureContext: secureContext() } : {};
  const { hostname } = url;
  const agent = new ProxyAgent({
    uri: proxy.origin,
    ...credentials(proxy),
    proxyTunnel: false,
    // The name of the server is not taken from the URL if other settings of TLS are given.
    requestTls: { ...trusted, ...(isAddress(hostname) ? {} : { servername: hostname }) },
    proxyTls: trusted,
  });
  let onAbort = () => {};
  try {
    return await new Promise((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      agent.dispatch(
        { origin: url.origin, path: `${url.pathname}${url.search}`, method, headers, body: body ?? null },
        {
          onRequestStart: onConnected,
          onResponseStart: (_, status, { 'retry-after': retryAfter }, phrase) =>
            resolve({ status, phrase, retryAfter: retryAfter?.toString() }),
          onResponseData: () => undefined,
          onResponseEnd: () => undefined,
          onResponseError: (_, error) => reject(refusal(error) ?? error),
        },
      );
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await agent.destroy();
  }
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

/** undici sends none if there is no password. */
function credentials({ username, password }: URL): { token?: string } {
  if (username === '' && password === '') return {};
  const plain = `${decoded(username)}:${decoded(password)}`;
  return { token: `Basic ${Buffer.from(plain).toString('base64')}` };
}

/** The error of a proxy that does not let the request pass. undici says its status only in the message. */
function refusal({ message }: Error): ProxyRefusal | undefined {
  const status = /^Proxy response \((\d{3})\)|^Proxy Authentication Required \((\d{3})\)/.exec(message);
  return status === null ? undefined : new ProxyRefusal(`the proxy answers ${status[1] ?? status[2]}`);
}
