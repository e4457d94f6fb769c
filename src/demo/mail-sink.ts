import type fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';
import { makeFolder } from '../files/folder.ts';

/** A mail server on loopback that stores the mails it gets. */
export interface MailSink {
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** The files of the mails so far, in order of arrival. */
  readonly mails: readonly string[];
  /** Stops the server. */
  close(): Promise<void>;
}

/** Starts a mail server on a free port of 127.0.0.1 that stores each mail as `folder/N.eml`. Rejects if it can't listen; throws if it can't create the folder. */
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
          // `wx` does not follow a link in its place.
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
  // A client that drops its connection must not end the program.
  server.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({
        // The address of a server on a TCP port is never a string.
        port: (server.server.address() as AddressInfo).port,
        mails,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}
