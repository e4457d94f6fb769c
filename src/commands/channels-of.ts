import type { Channel } from '../alerts/channel.ts';
import { CommandChannel } from '../alerts/command/command-channel.ts';
import { Mailer, type MailerParts } from '../alerts/mail/mailer.ts';
import { Webhook } from '../alerts/webhook/webhook.ts';
import { type ChannelConfig, type Config, type EmailConfig, MAIL } from '../config/config.ts';
import { lazyTrust } from '../http/trust.ts';
import type { Redact } from '../log/log.ts';
import { reportsFolder } from '../state/store.ts';
import type { System } from '../system/system.ts';

/** The environment of channels. */
export interface ChannelParts {
  readonly system: System;
  readonly redact: Redact;
  readonly version: string;
  /** Gets each wait for a mail server that takes long, in words. */
  readonly onLongWait: (words: string) => void;
}

/** The ways by which messages leave, by name: `logging.email` first, then `channels`. Another kind of channel is one more entry here. */
export function channelsOf(
  { logging: { dir, email }, channels, report }: Config,
  parts: ChannelParts,
): ReadonlyMap<string, Channel> {
  const attachments = reportsFolder(dir);
  const named = channels.map(({ name, way }) => [name, channelFor(name, way, attachments, parts)] as const);
  const first = email && mailer(email, { ...parts, attachments, reportTo: report?.to });
  return new Map([...(first === undefined ? [] : [[MAIL, first] as const]), ...named]);
}

function channelFor(
  name: string,
  way: ChannelConfig['way'],
  attachments: string,
  parts: ChannelParts,
): Channel {
  const { system, redact, version } = parts;
  const origin = { hostname: system.hostname, version };
  switch (way.kind) {
    case 'mail':
      return mailer(way.email, { ...parts, attachments });
    case 'webhook':
      return new Webhook(name, way.webhook, {
        system,
        origin,
        secureContext: lazyTrust(way.webhook.ca, system),
      });
    case 'command':
      return new CommandChannel(name, way.command, { system, redact, origin });
  }
}

function mailer(
  email: EmailConfig,
  { system, ...parts }: ChannelParts & Pick<MailerParts, 'attachments' | 'reportTo'>,
): Mailer {
  return new Mailer(email, { ...parts, system, secureContext: lazyTrust(email.ca, system) });
}
