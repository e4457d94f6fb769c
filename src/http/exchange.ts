import type { SecureContext } from 'node:tls';

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** http or https. It may be a secret: no outcome holds it or a part of it. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For https: see trust.ts. Called once, and only if it is needed. */
  readonly secureContext: () => SecureContext;
}

/** The begin of an answer: its body is not read. */
export interface HttpAnswer {
  readonly status: number;
  readonly phrase: string | undefined;
  /** The header Retry-After; `undefined`: there is none. */
  readonly retryAfter: string | undefined;
}

/** What a way to send a request gets beside it. */
export interface Exchange {
  /** An abort ends it at once. */
  readonly signal: AbortSignal;
  /** Called when the server may get the request from now on. */
  readonly onConnected: () => void;
}

/** A proxy does not let a request pass. The message is one line and holds no secret. */
export class ProxyRefusal extends Error {}
