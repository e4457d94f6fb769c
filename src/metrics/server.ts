import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Listen, listenName } from '../config/schema/address.ts';
import { reason } from '../files/reason.ts';
import { asOpenMetrics, OPENMETRICS_TYPE, prefersOpenMetrics, TEXT_TYPE } from './openmetrics.ts';

/** No connection lives longer, in ms: neither one that is slow to ask nor one that is slow to read. */
const LIFE_MS = 10_000;
/** More connections at once are closed unheard. */
const MOST_CONNECTIONS = 16;
/** A longer request line with its headers is refused, in bytes. */
const MOST_HEADER = 8192;

/** What the pages are made of. */
export interface Pages {
  /** All figures as Prometheus' text format 0.0.4. */
  text(): Promise<string>;
  /** Why the monitor does not do its work, in words; `null`: it does. */
  stuck(): string | null;
}

/** A server that listens, or why it can't, in words. */
export type Opened = { readonly server: Server } | { readonly fault: string };

/** Serves /metrics, /healthz and /readyz at `listen`. Never rejects. */
export function openServer(listen: Listen, pages: Pages): Promise<Opened> {
  const server = createServer({ maxHeaderSize: MOST_HEADER }, (request, response) => {
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
    server.on('error', (error) =>
      resolve({ fault: `can't listen on ${listenName(listen)}: ${reason(error)}` }),
    );
    server.listen(listen, () => resolve({ server }));
  });
}

/** What is answered to a request. */
interface Page {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer({ method = '', url = '', headers }: IncomingMessage, pages: Pages): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, text: 'only GET and HEAD\n', headers: { Allow: 'GET, HEAD' } };
  }
  switch (url.replace(/\?.*/s, '')) {
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
      const stuck = pages.stuck();
      return stuck === null ? { status: 200, text: 'ready\n' } : { status: 503, text: `${stuck}\n` };
    }
    default:
      return { status: 404, text: 'not found: there are /metrics, /healthz and /readyz\n' };
  }
}

/** Each connection has one request: a scrape needs no more, and none stays open unused. */
function send(response: ServerResponse, { status, text, headers }: Page): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
    ...headers,
  });
  response.end(text);
}
