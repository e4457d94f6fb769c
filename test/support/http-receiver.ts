import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request that the receiver got whole. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A web server on loopback that keeps what it gets. */
export interface HttpReceiver {
  readonly url: string;
  readonly received: Received[];
  /** What is done with each request; without: 200. */
  answer: (response: ServerResponse, request: Received) => void;
}

/** Starts a receiver. It ends with the test. */
export async function startReceiver(): Promise<HttpReceiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(one);
      receiver.answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${port}/hook/t0p-secret`,
    received,
    answer: (response) => response.end('ok'),
  };
  return receiver;
}

/** Status `status` for each request. */
export const answering = (status: number) => (response: ServerResponse) => {
  response.statusCode = status;
  response.end();
};
