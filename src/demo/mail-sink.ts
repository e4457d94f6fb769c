import type fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';
import { makeFolder } from '../files/folder.ts';

/** A real mail server on loopback that keeps what it gets. */
export interface MailSink {
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** The mails so far: the files that hold them, in the order they came. */
  readonly mails: readonly string[];
  close(): Promise<void>;
}

/** Starts a mail server on a free port of 127.0.0.1 that stores each mail as `folder/N.eml`. Rejects if it can't listen. */
export function openMailSink(folder: string, files: typeof fs): Promise<MailSink> {
  const mails: string[] = [];
  makeFolder(files, folder);
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const file = path.join(folder, `${mails.length + 1}.eml`);
        try {
          // A link that somebody has put there is not followed.
          files.writeFileSync(file, Buffer.concat(chunks), { flag: 'wx' });
        } catch (error) {
          done(error as Error);
          return;
        }
        mails.push(file);
        done();
      });
    },
  });
  // A client that drops its connection is no reason to end.
  server.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({
        // It listens at a port, so that its address is no text.
        port: (server.server.address() as AddressInfo).port,
        mails,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}
