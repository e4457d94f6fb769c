import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, createServer, isIP } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Answer, Question } from './question.ts';
import type { Target } from './target.ts';

/** The most of a response that is searched for the text, in bytes. */
const SEARCHED = 1024 * 1024;
/** The files of the system's certificate authorities: on Debian, Red Hat, SUSE. Node 20 does not read them. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
];
/** Errors of a connection that say that nothing answers. */
const SILENCE = ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ETIMEOUT'];

/** Reads a text file. Throws if it can't be read. */
type ReadFile = (file: string) => string;

/**
 * Asks a target at its first address that answers. Each address has an equal share of the time that is left. Never rejects.
 */
export async function ask({ target, addresses, ms }: Question, readFile: ReadFile): Promise<Answer> {
  let context: SecureContext | undefined;
  try {
    // It takes about 60 ms, which are not the target's.
    if (target.kind === 'https') context = createSecureContext({ ca: authorities(target.ca, readFile) });
  } catch (error) {
    return failureOf(error);
  }
  await rehearse(target, context);
  const until = performance.now() + ms;
  const failures: Answer[] = [];
  for (const [index, address] of addresses.entries()) {
    const share = (until - performance.now()) / (addresses.length - index);
    const answer = await within(Math.max(1, share), (signal) => askAt(address, target, signal, context));
    if (answer.outcome === 'ok') return answer;
    failures.push(answer);
  }
  const told = failures.find(({ outcome }) => outcome === 'error') ?? failures[0];
  return told ?? { outcome: 'error', detail: 'it has no address' };
}

/** For {@link rehearse}, in ms. */
const REHEARSAL_MS = 300;

/**
 * Asks nobody in the same way: code that runs for the first time is slow (18 to 48 ms for a connection that takes 1 ms,
 * measured on a busy host). What it reaches is a port of this process on loopback, which hangs up. Never rejects.
 */
async function rehearse(target: Question['target'], context: SecureContext | undefined): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await askAt('127.0.0.1', { ...target, port }, AbortSignal.timeout(REHEARSAL_MS), context);
  } catch {
    // It is meant to fail.
  } finally {
    server.close();
  }
}

/** Ends an attempt when its time is up. */
async function within(ms: number, attempt: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const signal = AbortSignal.timeout(Math.ceil(ms));
  try {
    return await attempt(signal);
  } catch (error) {
    if (signal.aborted) return { outcome: 'timeout', detail: `no answer within ${inSeconds(ms)} s` };
    return failureOf(error);
  }
}

function inSeconds(ms: number): number {
  return Number((ms / 1000).toFixed(1));
}

function failureOf(error: unknown): Answer {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const outcome = SILENCE.includes(code) ? 'timeout' : 'error';
  return { outcome, detail: message === '' ? code : message };
}

function askAt(
  address: string,
  target: Question['target'],
  signal: AbortSignal,
  context: SecureContext | undefined,
): Promise<Answer> {
  switch (target.kind) {
    case 'tcp':
      return askTcp(address, target, signal);
    case 'https':
      return askHttps(address, target, signal, context);
    case 'dns':
      return askDns(address, target, signal);
  }
}

type OfKind<K extends Target['kind']> = Extract<Target, { readonly kind: K }>;

function ok(began: number, detail: string): Answer {
  return { outcome: 'ok', ms: performance.now() - began, detail };
}

function askTcp(address: string, { port }: OfKind<'tcp'>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const socket = connect({ host: address, port, signal });
    socket.once('error', reject);
    socket.once('connect', () => {
      const answer = ok(began, `connected to ${address}`);
      socket.destroy();
      resolve(answer);
    });
  });
}

function askHttps(
  address: string,
  target: OfKind<'https'>,
  signal: AbortSignal,
  secureContext: SecureContext | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host, port, path } = target;
    const name = host.includes(':') ? `[${host}]` : host;
    const options: https.RequestOptions & { secureContext: SecureContext | undefined } = {
      host: address,
      port,
      path,
      secureContext,
      // SNI and the certificate's name; an address is no name (RFC 6066, 3).
      servername: isIP(host) === 0 ? host : '',
      headers: { host: port === 443 ? name : `${name}:${port}`, 'user-agent': 'vpn-monitor' },
      agent: false,
      signal,
    };
    const began = performance.now();
    const request = https.get(options);
    request.once('error', reject);
    request.once('response', (response: IncomingMessage) => {
      readResponse(response).then((text) => resolve(judgeResponse(response, text, target, began)), reject);
    });
  });
}

/** Reads a response to its end, and returns the beginning of its text. */
async function readResponse(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (length < SEARCHED) chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function judgeResponse(
  { statusCode = 0 }: IncomingMessage,
  body: string,
  { status, text }: OfKind<'https'>,
  began: number,
): Answer {
  const answer = ok(began, `status ${statusCode}`);
  const isRight = status === undefined ? statusCode >= 200 && statusCode < 300 : statusCode === status;
  if (!isRight) {
    return { outcome: 'error', detail: `status ${statusCode} instead of ${status ?? '200 to 299'}` };
  }
  if (text !== undefined && !body.includes(text)) {
    return { outcome: 'error', detail: `status ${statusCode}, but the response does not contain the text` };
  }
  return answer;
}

/** The authorities that may sign the certificate: Node's own, the system's, those of NODE_EXTRA_CA_CERTS, and of `file`. */
function authorities(file: string | undefined, readFile: ReadFile): string[] {
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  const bundles = [...BUNDLES, ...(extra ? [extra] : [])].flatMap((bundle) => {
    try {
      return [readFile(bundle)];
    } catch {
      return [];
    }
  });
  return [...rootCertificates, ...bundles, ...(file === undefined ? [] : [readFile(file)])];
}

async function askDns(address: string, { port, name }: OfKind<'dns'>, signal: AbortSignal): Promise<Answer> {
  // As resolv.conf(5) has it: again after 5 s. The signal gives up.
  const resolver = new dns.Resolver({ timeout: 5000, tries: 100 });
  resolver.setServers([isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`]);
  signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  const began = performance.now();
  try {
    const [found] = await resolver.resolve4(name).catch((error: NodeJS.ErrnoException) => {
      // The name may have only a v6 address.
      if (error.code !== 'ENODATA') throw error;
      return resolver.resolve6(name);
    });
    return ok(began, `${name} is ${found ?? 'nothing'}`);
  } catch (error) {
    return dnsFailure(error as NodeJS.ErrnoException, name, signal);
  }
}

function dnsFailure(error: NodeJS.ErrnoException, name: string, signal: AbortSignal): Answer {
  signal.throwIfAborted();
  const words: Record<string, string> = {
    ENOTFOUND: `the server does not know ${name}`,
    ENODATA: `${name} has no address`,
    ECONNREFUSED: 'the server is not there (connection refused)',
    EREFUSED: 'the server refuses to answer',
    ESERVFAIL: 'the server has failed (SERVFAIL)',
  };
  const code = error.code ?? '';
  if (SILENCE.includes(code)) return { outcome: 'timeout', detail: 'no answer' };
  return { outcome: 'error', detail: words[code] ?? error.message };
}
