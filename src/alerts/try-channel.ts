import type { Config } from '../config/config.ts';
import { failed, good, type Result } from '../model/result.ts';
import type { System } from '../system/system.ts';
import type { Channel, ChannelFailure } from './channel.ts';
import { senderOf, testMessage } from './message.ts';
import { newEntry } from './outbox.ts';

/** Sends one test notification by a channel, at once and once. Gives the receiver's reply. Never rejects. */
export async function tryChannel(
  name: string,
  channel: Channel,
  config: Config,
  { system, version }: { readonly system: System; readonly version: string },
  signal: AbortSignal,
): Promise<Result<string, ChannelFailure>> {
  const at = system.now();
  const message = testMessage(senderOf(config, system, version), at, name);
  const entry = newEntry({
    ...message,
    key: channel.newKey(),
    channel: name,
    about: null,
    created: at.toISOString(),
    replyTo: null,
  });
  const content = await channel.prepare(entry);
  if (!content.ok) return failed({ words: content.why, setting: null, permanent: false });
  const opened = await channel.open(signal);
  if (!opened.ok) return opened;
  const outcome = await opened.value.send(content.value);
  await opened.value.close();
  return outcome.kind === 'delivered' ? good(outcome.reply) : failed(outcome.failure);
}
