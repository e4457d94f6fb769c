import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
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
export interface SmtpPeer {
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

/** Makes new certificates with the openssl command. */
export function makeCertificates(): Certificates {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vpn-monitor-certificates-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
  const key = (name: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', name);
  const sign = (out: string, names: string) => {
    fs.writeFileSync(path.join(folder, 'names'), `subjectAltName=${names}\n`);
    openssl('req', '-new', '-key', 'key.pem', '-subj', '/CN=test server', '-out', 'request.pem');
    const ca = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial'];
    openssl('x509', '-req', '-in', 'request.pem', ...ca, '-days', '2', '-extfile', 'names', '-out', out);
  };
  try {
    key('ca-key.pem');
    key('key.pem');
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      'ca-key.pem',
      '-subj',
      '/CN=test CA',
      '-days',
      '2',
      '-out',
      'ca.pem',
    );
    sign('cert.pem', 'DNS:localhost,IP:127.0.0.1');
    sign('other.pem', 'DNS:mail.example.com');
    return { ca: read('ca.pem'), key: read('key.pem'), cert: read('cert.pem'), otherCert: read('other.pem') };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Starts a server; `options` are smtp-server's. */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<SmtpPeer> {
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
