import { createHash, randomUUID } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { WebhookConfig } from '../../config/config.ts';
import { sendRequest } from '../../http/request.ts';
import { DONE, failed, good, type Result } from '../../model/result.ts';
import type { OutboxEntry, Prepared, ToldEvent } from '../../state/store.ts';
import type { System } from '../../system/system.ts';
import type { Channel, ChannelFailure, ChannelSession, Repeating, SendOutcome } from '../channel.ts';
import type { Origin } from '../document.ts';
import { alertsOf, REPEAT_MS } from './alertmanager.ts';
import { type Body, bodyOf } from './bodies.ts';
import { webhookHeaders } from './signature.ts';

/** The advice of Standard Webhooks 1.0.0: 15 to 30 s. */
const TIMEOUT_MS = 30_000;

/** What every try of a message sends. */
export interface WebhookContent extends Prepared, Body {
  /** The key of the message, by which the receiver knows it again. */
  readonly id: string;
  /** Of which form the body is: another one in the config makes it anew. Not there if an older program made it. */
  readonly form?: string;
}

/** The environment of a webhook. */
export interface WebhookParts {
  readonly system: System;
  readonly origin: Origin;
  readonly secureContext: () => SecureContext;
}

/** A web server that gets a POST for each message, as a channel. */
export class Webhook implements Channel<WebhookContent> {
  readonly #name: string;
  readonly #config: WebhookConfig;
  readonly #parts: WebhookParts;
  readonly repeating: Repeating | undefined;

  constructor(name: string, config: WebhookConfig, parts: WebhookParts) {
    this.#name = name;
    this.#config = config;
    this.#parts = parts;
    this.repeating =
      config.body === 'alertmanager'
        ? { everyMs: REPEAT_MS, send: (open, signal) => this.#repeat(open, signal) }
        : undefined;
  }

  /** Without a full stop, which separates the parts of what is signed. */
  newKey(): string {
    return `msg_${randomUUID()}`;
  }

  async prepare(entry: OutboxEntry): Promise<Result<WebhookContent>> {
    const form = createHash('sha256').update(JSON.stringify(this.#config.body)).digest('hex').slice(0, 16);
    // Whoever mends a template that is refused expects the messages that wait to be well, too.
    if (isWebhookContent(entry.content) && (entry.content.form ?? form) === form) return good(entry.content);
    const { system, origin } = this.#parts;
    const body = bodyOf(entry, this.#config.body, origin, system.now());
    return good({ recipients: [this.#name], id: entry.key, form, ...body });
  }

  /** Each message has a connection of its own, so there is nothing to open. */
  async open(signal: AbortSignal): Promise<Result<ChannelSession<WebhookContent>, ChannelFailure>> {
    const session = {
      warnings: [],
      usable: true,
      send: async (content: WebhookContent) => {
        // A connection begins only in the head start of an attempt: the delivery decides that when it opens one.
        session.usable = false;
        return this.#post(content, signal);
      },
      close: async () => undefined,
    };
    return good(session);
  }

  async #repeat(open: readonly ToldEvent[], signal: AbortSignal): Promise<Result<undefined, ChannelFailure>> {
    const { system, origin } = this.#parts;
    const parts = [alertsOf(open, origin, system.now())];
    const body = { parts, type: 'application/json', query: {}, id: this.newKey() };
    const outcome = await this.#post(body, signal);
    return outcome.kind === 'delivered' ? DONE : failed(outcome.failure);
  }

  async #post(
    { parts, type, query, id }: Body & Pick<WebhookContent, 'id'>,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const { secret, token } = this.#config;
    const { system, secureContext } = this.#parts;
    const url = new URL(this.#config.url.reveal());
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    // Within a text of the JSON document.
    const body = parts.join(JSON.stringify(token?.reveal() ?? '').slice(1, -1));
    const bearer =
      token === undefined || parts.length > 1 ? {} : { authorization: `Bearer ${token.reveal()}` };
    const headers = {
      'content-type': type,
      ...bearer,
      ...webhookHeaders(id, system.now(), body, secret),
    };
    const request = { method: 'POST', url, headers, body, secureContext } as const;
    const answer = await sendRequest(request, TIMEOUT_MS, system, signal);
    if (answer.kind === 'failed') {
      // It may have arrived. The receiver knows the message by its key, so it is simply sent again.
      return disconnected(this.#failure(answer.words, false), answer.connected);
    }
    const { status, words, retryAfterMs } = answer;
    if (status >= 200 && status < 300) return { kind: 'delivered', reply: words, refused: [] };
    const said = `the server answers ${words}${status >= 300 && status < 400 ? ', and no redirect is followed' : ''}`;
    const isBusy = status >= 500 || status === 408 || status === 429;
    // A server that is overloaded or broken is left alone for a while, with all messages.
    if (isBusy) return disconnected({ ...this.#failure(said, false), retryAfterMs }, true);
    return { kind: 'refused', failure: this.#failure(said, true), refused: [] };
  }

  #failure(words: string, permanent: boolean): ChannelFailure {
    return { words, setting: `channels.${this.#name}.webhook`, permanent };
  }
}

function disconnected(failure: ChannelFailure, connected: boolean): SendOutcome {
  return { kind: 'disconnected', failure, sent: connected ? 'part' : 'nothing' };
}

/** Whether content that was stored is that of a webhook. The state file only knows that it has recipients. */
function isWebhookContent(content: OutboxEntry['content']): content is WebhookContent {
  return content !== null && Array.isArray(content['parts']) && typeof content['id'] === 'string';
}
