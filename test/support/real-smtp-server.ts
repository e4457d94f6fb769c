import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as the server took it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** A real SMTP server on loopback. */
export interface RealServer {
  readonly port: number;
  readonly mails: ReceivedMail[];
  close(): Promise<void>;
}

/** A certificate for localhost and 127.0.0.1, and the authority that signed it. Nothing here is secret or lasts. */
export interface Certificates {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
  /** The same authority's, for mail.example.com. */
  readonly otherCert: string;
}

/**
 * Certificates for tests alone, good for a hundred years: made once with openssl, which a fresh machine does not have. The
 * key of their authority is gone.
 */
export function testCertificates(): Certificates {
  return JSON.parse(fs.readFileSync(new URL('../fixtures/certificates.json', import.meta.url), 'utf8'));
}

/** Starts a server; `options` are smtp-server's. */
export async function startRealServer(options: SMTPServerOptions = {}): Promise<RealServer> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : (mailFrom?.address ?? ''),
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
          secure: session.secure,
          user: session.user as string | undefined,
        });
        done(null, 'queued');
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
