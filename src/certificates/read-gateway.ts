import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { domainToASCII } from 'node:url';
import type { ClientProfile } from '../clients/profile.ts';
import { reason } from '../files/reason.ts';
import { gatewayHost, gatewayPort } from '../model/gateway.ts';
import { CERTIFICATE_MS } from '../model/limits.ts';
import { failed, good, type Result } from '../model/result.ts';
import { startDeadline } from '../system/deadline.ts';
import type { Clock, Place } from '../system/place.ts';

/** Where a gateway speaks TLS. */
export interface TlsAddress {
  /** A host name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Returns where a client speaks TLS with a gateway, as the config names it; `undefined`: it does not log in by TLS. */
export function tlsAddressOf({ tls }: Pick<ClientProfile, 'tls'>, gateway: string): TlsAddress | undefined {
  return tls && { host: gatewayHost(gateway), port: gatewayPort(gateway) ?? tls.port };
}

/** Reads the certificate of a gateway within {@link CERTIFICATE_MS}. Never rejects: an abort of `signal` is a failure, too. */
export async function readCertificateInTime(
  address: TlsAddress,
  place: Pick<Place, 'resolve'> & Clock,
  signal: AbortSignal,
): Promise<Result<X509Certificate>> {
  const deadline = startDeadline(place, CERTIFICATE_MS, signal);
  try {
    return await readGatewayCertificate(address, place, deadline.signal);
  } catch (error) {
    return failed(deadline.expired() ? `no answer within ${CERTIFICATE_MS / 1000} s` : reason(error));
  } finally {
    deadline.end();
  }
}

/**
 * Reads the certificate that a gateway shows: a TLS handshake that nobody logs in after. Any certificate is read, and old
 * versions and ciphers are accepted: nothing is sent that they would have to protect. Rejects with the reason of `signal`.
 */
async function readGatewayCertificate(
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
