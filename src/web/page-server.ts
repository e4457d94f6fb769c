import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Listen, listenName } from '../config/schema/address.ts';
import { reason } from '../files/reason.ts';
import { DONE, failed, type Result } from '../model/result.ts';
import { type Gatekeeper, hostAllowed } from './gatekeeper.ts';

/** Further connections are closed at once. */
const MOST_CONNECTIONS = 64;
/** The longest request line with its headers, in bytes. */
const MOST_HEADER = 8192;
/** For a request to arrive, in ms. */
const REQUEST_MS = 5000;
/** For a client to take a part of an answer, in ms. */
const STALL_MS = 30_000;

/** What every answer says to browsers, beside its own policy. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

/** The answer to a request. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  /** The Content-Security-Policy; `undefined`: nothing may be loaded. */
  readonly policy?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that may be answered. */
export interface Asked {
  /** The decoded parts of the path: `['site', 'oslo']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What is served. */
export interface PageRoutes {
  answer(asked: Asked): Promise<Answer>;
  /** Takes over the connection of `/api/events`, whose head has been sent. Fails if there are too many. */
  follow(response: ServerResponse): Result;
}

/** Who is answered. */
export interface PageGuard {
  readonly gatekeeper: Gatekeeper;
  /** `null`: the names and addresses of this host. */
  readonly names: readonly string[] | null;
  readonly hostname: string;
}

/** A short text for people. */
export function plainAnswer(
  status: number,
  words: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${words}\n`, headers };
}

/** Returns a server of pages that does not listen yet. */
export function createPageServer(guard: PageGuard, routes: PageRoutes): Server {
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      request.resume();
      respond(request, response, guard, routes).catch((error: unknown) => {
        // A fault of a page must not end the others.
        if (response.headersSent) response.destroy();
        else send(request, response, plainAnswer(500, reason(error)));
      });
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(STALL_MS, (socket) => socket.destroy());
  return server;
}

/** Lets a server listen. Fails if it can't. Never rejects. */
export function listenAt(server: Server, listen: Listen): Promise<Result> {
  return new Promise((resolve) => {
    server.on('error', (error) => resolve(failed(`can't listen on ${listenName(listen)}: ${reason(error)}`)));
    server.listen(listen, () => resolve(DONE));
  });
}

/** How many connections each server has that did not listen for them. */
const adopted = new WeakMap<Server, number>();

/**
 * Lets a server that does not listen answer a request whose head was read already.
 *
 * @param socket `undefined`: the connection was closed on the way
 */
export function adopt(server: Server, socket: Socket | undefined, head: string): void {
  const count = adopted.get(server) ?? 0;
  if (socket === undefined || count >= MOST_CONNECTIONS) {
    socket?.destroy();
    return;
  }
  adopted.set(server, count + 1);
  socket.once('close', () => adopted.set(server, (adopted.get(server) ?? 1) - 1));
  server.emit('connection', socket);
  socket.unshift(Buffer.from(head, 'latin1'));
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  guard: PageGuard,
  routes: PageRoutes,
): Promise<void> {
  const refused = refusal(request, guard);
  if (refused !== undefined) return send(request, response, refused);
  const asked = parseTarget(request.url ?? '');
  if (asked === undefined) return send(request, response, plainAnswer(400, 'not a path of this server'));
  if (asked.path.join('/') === 'api/events') return follow(request, response, routes);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  // A report takes minutes.
  request.socket.setTimeout(0);
  send(request, response, await routes.answer({ ...asked, signal: gone.signal }));
}

/** Why a request is not answered; `undefined`: it is. */
function refusal(
  { method, url = '', headers, socket }: IncomingMessage,
  guard: PageGuard,
): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD')
    return plainAnswer(405, 'only GET and HEAD', { Allow: 'GET, HEAD' });
  if (!hostAllowed(headers.host, socket.localAddress ?? '', guard)) {
    return plainAnswer(421, 'this name is not served here: add it to web.hosts in the config of the monitor');
  }
  // Another site may link to the page, but neither load it behind its reader's back nor have reports made.
  const isLink = headers['sec-fetch-mode'] === 'navigate' && !url.startsWith('/report');
  if (headers['sec-fetch-site'] === 'cross-site' && !isLink) return plainAnswer(403, 'not for other sites');
  switch (guard.gatekeeper.judge(socket.remoteAddress ?? '', headers.authorization)) {
    case 'allowed':
      return undefined;
    case 'wait':
      return plainAnswer(429, 'too many wrong passwords: try again in 10 minutes', { 'Retry-After': '600' });
    case 'asked':
    case 'wrong':
      return plainAnswer(401, 'a password is needed: that of web.password_file, with any user name', {
        'WWW-Authenticate': 'Basic realm="vpn-monitor", charset="UTF-8"',
      });
  }
}

/** The parts of a request's target; `undefined`: it is none of a page. */
function parseTarget(target: string): Omit<Asked, 'signal'> | undefined {
  const [, path, query = ''] = /^\/([^?#]*)(?:\?([^#]*))?$/.exec(target) ?? [];
  if (path === undefined) return undefined;
  try {
    return { path: path.split('/').map(decodeURIComponent), query: new URLSearchParams(query) };
  } catch {
    // Not the UTF-8 of a text.
    return undefined;
  }
}

function follow(request: IncomingMessage, response: ServerResponse, routes: PageRoutes): void {
  if (request.method === 'HEAD') {
    send(request, response, plainAnswer(200, ''));
    return;
  }
  request.socket.setTimeout(0);
  const accepted = routes.follow(response);
  if (!accepted.ok) send(request, response, plainAnswer(503, accepted.why));
}

/** Sends an answer and closes the connection. */
function send(
  { method, socket }: IncomingMessage,
  response: ServerResponse,
  { status, type, body, policy, headers }: Answer,
): void {
  socket.setTimeout(STALL_MS);
  response.writeHead(status, {
    ...HEADERS,
    'Content-Security-Policy': policy ?? NOTHING,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : body);
}

/** Sends the head of an answer that does not end: server-sent events. */
export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, {
    ...HEADERS,
    'Content-Security-Policy': NOTHING,
    'Content-Type': 'text/event-stream; charset=utf-8',
    Connection: 'close',
  });
  response.flushHeaders();
}
