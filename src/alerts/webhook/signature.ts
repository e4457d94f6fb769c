import { createHmac } from 'node:crypto';
import type { Secret } from '../../model/secret.ts';

/**
 * The headers of Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md). Pure.
 *
 * @param id names the message, the same at every try
 * @param at the time of this try
 * @param secret base64, maybe after `whsec_`; `undefined`: the request is not signed
 */
export function webhookHeaders(
  id: string,
  at: Date,
  body: string,
  secret: Secret | undefined,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const key = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
