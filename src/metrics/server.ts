import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Listen, listenName } from '../config/schema/address.ts';
import { reason } from '../files/reason.ts';
import { failed, good, type Result } from '../model/result.ts';
import { asOpenMetrics, OPENMETRICS_TYPE, prefersOpenMetrics, TEXT_TYPE } from './openmetrics.ts';

/** The longest life of a connection, in ms: a slow client can't keep it open. */
const LIFE_MS = 10_000;
/** Further connections are closed at once. */
const MOST_CONNECTIONS = 16;
/** The longest request line with its headers, in bytes. */
const MOST_HEADER = 8192;

/** The content of the pages. */
export interface Pages {
  /** Returns all figures in Prometheus' text format 0.0.4. */
  text(): Promise<string>;
  /** Fails if the monitor does not do its work. */
  health(): Result;
}

/** Another server for the other paths of an address. Takes over a connection and the head of its request; returns whether it can. */
export type OtherServer = (socket: Socket, head: string) => boolean;

/**
 * Serves /metrics, /healthz and /readyz at `listen`. Fails if it can't listen there. Never rejects.
 *
 * @param other returns who serves the other paths; `undefined`: nobody
 */
export function openServer(
  listen: Listen,
  pages: Pages,
  other: () => OtherServer | undefined = () => undefined,
): Promise<Result<Server>> {
  const server = createServer({ maxHeaderSize: MOST_HEADER }, (request, response) => {
    const handOver = OWN_PATHS.includes(pathOf(request)) ? undefined : other();
    if (handOver !== undefined) {
      if (!handOver(request.socket, headOf(request))) send(response, NOT_RUNNING);
      return;
    }
    answer(request, pages).then(
      (page) => send(response, page),
      // A fault of a page must not end the monitor.
      (error) => send(response, { status: 500, text: `${reason(error)}\n` }),
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (socket) => {
    const end = setTimeout(() => socket.destroy(), LIFE_MS);
    end.unref();
    socket.once('close', () => clearTimeout(end));
  });
  return new Promise((resolve) => {
    server.on('error', (error) => resolve(failed(`can't listen on ${listenName(listen)}: ${reason(error)}`)));
    server.listen(listen, () => resolve(good(server)));
  });
}

const OWN_PATHS: readonly string[] = ['/metrics', '/healthz', '/readyz'];

function pathOf({ url = '' }: Pick<IncomingMessage, 'url'>): string {
  return url.replace(/\?.*/s, '');
}

/** The head of a request as it came, each byte as a character. */
function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The answer to a request. */
interface Page {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const NOT_RUNNING: Page = { status: 503, text: 'the page is being started: try again in a moment\n' };

async function answer({ method = '', url = '', headers }: IncomingMessage, pages: Pages): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, text: 'only GET and HEAD\n', headers: { Allow: 'GET, HEAD' } };
  }
  switch (pathOf({ url })) {
    case '/metrics': {
      const openMetrics = prefersOpenMetrics(headers.accept);
      const text = await pages.text();
      return {
        status: 200,
        text: openMetrics ? asOpenMetrics(text) : text,
        headers: { 'Content-Type': openMetrics ? OPENMETRICS_TYPE : TEXT_TYPE, Vary: 'Accept' },
      };
    }
    case '/healthz':
      return { status: 200, text: 'alive\n' };
    case '/readyz': {
      const health = pages.health();
      return health.ok ? { status: 200, text: 'ready\n' } : { status: 503, text: `${health.why}\n` };
    }
    default:
      return { status: 404, text: 'not found: there are /metrics, /healthz and /readyz\n' };
  }
}

/** Sends a page and closes the connection: a scrape needs only one request. */
function send(response: ServerResponse, { status, text, headers }: Page): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
    ...headers,
  });
  response.end(text);
}
