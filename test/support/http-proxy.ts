import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

/** An HTTP proxy on loopback. Whatever host it is asked for, it connects to one server on loopback. */
export interface HttpProxy {
  readonly port: number;
  /** What it was asked for, such as `CONNECT chat.example.com:443`. */
  readonly asked: string[];
  /** The header Proxy-Authorization of each. */
  readonly credentials: (string | undefined)[];
  /** The status with which it refuses everything; 0: it refuses nothing. */
  refuses: number;
}

/** Starts a proxy in front of the server on `port`. It ends with the test. */
export async function startProxy(port: number): Promise<HttpProxy> {
  const target = { host: '127.0.0.1', port };
  const server = createServer((asked, answer) => {
    note(asked);
    if (proxy.refuses > 0) {
      answer.writeHead(proxy.refuses).end();
      return;
    }
    const { pathname, search } = new URL(asked.url ?? '');
    const { method, headers } = asked;
    const passed = request({ ...target, method, headers, path: `${pathname}${search}` }, (got) => {
      answer.writeHead(got.statusCode ?? 0, got.headers);
      got.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  });
  server.on('connect', (asked, socket, head) => {
    note(asked);
    socket.on('error', () => undefined);
    if (proxy.refuses > 0) {
      socket.end(`HTTP/1.1 ${proxy.refuses} t0p-secret\r\n\r\n`);
      return;
    }
    const there = connect(target, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    there.on('error', () => socket.destroy());
    socket.on('close', () => there.destroy());
  });
  const note = ({ method, url, headers }: IncomingMessage) => {
    proxy.asked.push(`${method} ${url}`);
    proxy.credentials.push(headers['proxy-authorization']?.toString());
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const proxy: HttpProxy = {
    port: (server.address() as AddressInfo).port,
    asked: [],
    credentials: [],
    refuses: 0,
  };
  return proxy;
}
