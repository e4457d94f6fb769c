import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { domainToASCII } from 'node:url';
import { reason } from '../files/reason.ts';
import { failed, good, type Result } from '../model/result.ts';
import type { Place } from '../system/place.ts';

/** Where a gateway speaks TLS. */
export interface TlsAddress {
  /** A host name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads the certificate that a gateway shows: a TLS handshake that nobody logs in after. Any certificate is read, and old
 * versions and ciphers are accepted: nothing is sent that they would have to protect. Rejects with the reason of `signal`.
 */
export async function readGatewayCertificate(
  { host, port }: TlsAddress,
  { resolve }: Pick<Place, 'resolve'>,
  signal: AbortSignal,
): Promise<Result<X509Certificate>> {
  signal.throwIfAborted();
  const options: ConnectionOptions = {
    host,
    port,
    // An address is no name (RFC 6066, 3).
    servername: isIP(host) === 0 ? domainToASCII(host) || host : '',
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
    lookup: (name, _, done) => {
      void resolve(name).then((addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        done(found.length === 0 ? new Error(`${name} was not resolved`) : null, found);
      });
    },
  };
  return new Promise((settle, reject) => {
    const socket = connect(options);
    const giveUp = () => {
      socket.destroy();
      reject(signal.reason);
    };
    const end = (result: Result<X509Certificate>) => {
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      settle(result);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    const shown = (why: string) => {
      const certificate = socket.getPeerX509Certificate();
      end(certificate === undefined ? failed(why) : good(certificate));
    };
    socket.once('secureConnect', () => shown('the gateway shows no certificate'));
    // A gateway that wants the certificate of a user ends the handshake after it has shown its own (measured with TLS 1.2).
    socket.on('error', (error) => shown(reason(error)));
    socket.once('close', () => end(failed('the gateway has closed the connection')));
  });
}
