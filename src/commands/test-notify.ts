import type { MailFailure } from '../alerts/mail/smtp/mail-failure.ts';
import { type SentTestMail, testMail } from '../alerts/mail/trial-mail.ts';
import { tryChannel } from '../alerts/try-channel.ts';
import { type Config, type EmailConfig, MAIL, secretsOf } from '../config/config.ts';
import { didYouMean } from '../config/yaml/problem.ts';
import { createRedactor } from '../log/redact.ts';
import type { Result } from '../model/result.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import type { System } from '../system/system.ts';
import { channelsOf } from './channels-of.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of {@link testNotify}. */
export interface TestNotifyOptions extends CommonOptions {
  /** The channel to test; `undefined`: all. */
  readonly channel?: string | undefined;
}

/**
 * Sends one test notification by each channel, or by one, and prints the receiver's reply. Exit status: 0: sent; 1: not sent, or not to
 * all recipients; 2: a bad config, or no such channel; 3: a secret can't be read yet; 130 or 143: interrupted by a signal.
 */
export async function testNotify({ channel, ...options }: TestNotifyOptions, shell: Shell): Promise<number> {
  const { screen } = shell;
  const started = startWithConfig(options.config, shell);
  if (!started.ok) return started.status;
  const { config, system } = started.value;
  const known = [
    ...(config.logging.email === undefined ? [] : [MAIL]),
    ...config.channels.map(({ name }) => name),
  ];
  if (channel !== undefined && !known.includes(channel)) {
    const names = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
    screen.diagnose(`error: the config has no channel ${channel}${didYouMean(channel, known)} (${names})`);
    return EXIT.usage;
  }
  // Without any channel the reason is that mail is not configured.
  const names = channel === undefined ? (known.length === 0 ? [MAIL] : known) : [channel];
  const stop = listenForStop(shell.signals, system);
  try {
    let status: number = EXIT.good;
    for (const name of names) {
      const outcome = await tryOne(name, config, shell, system, stop.signal);
      if (!outcome.isGood && stop.signal.aborted) {
        screen.diagnose('interrupted');
        return signalStatus(stop.signal);
      }
      const label = names.length === 1 ? '' : `${name}: `;
      for (const line of outcome.lines) (outcome.isSent ? screen.print : screen.diagnose)(`${label}${line}`);
      if (!outcome.isGood) status = EXIT.failed;
    }
    return status;
  } finally {
    stop.end();
  }
}

/** What is told of one channel. `isGood`: all recipients were reached. */
interface Outcome {
  readonly isSent: boolean;
  readonly isGood: boolean;
  readonly lines: readonly string[];
}

async function tryOne(
  name: string,
  config: Config,
  { screen, version }: Shell,
  system: System,
  signal: AbortSignal,
): Promise<Outcome> {
  const redact = createRedactor(secretsOf(config));
  const onLongWait = (words: string) => screen.diagnose(`${words} (Ctrl-C ends this)`);
  const parts = { system, redact, version, onLongWait };
  const email = mailOf(name, config);
  if (name === MAIL || email !== undefined) return ofMail(await testMail(config, parts, signal, email));
  const channel = channelsOf(config, parts).get(name);
  if (channel === undefined) throw new Error(`the channel ${name} is not made`);
  const sent = await tryChannel(name, channel, config, parts, signal);
  if (!sent.ok) return { isSent: false, isGood: false, lines: notSent(sent.why) };
  return { isSent: true, isGood: true, lines: [`sent; the receiver replied: ${sent.value}`] };
}

function mailOf(name: string, { logging, channels }: Config): EmailConfig | undefined {
  if (name === MAIL) return logging.email;
  const way = channels.find((channel) => channel.name === name)?.way;
  return way?.kind === 'mail' ? way.email : undefined;
}

function ofMail(outcome: Result<SentTestMail, MailFailure>): Outcome {
  if (!outcome.ok) return { isSent: false, isGood: false, lines: notSent(outcome.why) };
  const { protection, reply, warnings, refused } = outcome.value;
  const lines = [
    `sent (${protection}); the server replied: ${reply}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    ...refused.map(({ recipient, failure }) => `not sent to ${recipient}: ${failure.words}`),
  ];
  return { isSent: true, isGood: refused.length === 0, lines };
}

function notSent({ words, setting, permanent }: Pick<MailFailure, 'words' | 'setting' | 'permanent'>) {
  const later = permanent ? [] : ['try again later'];
  return [`not sent: ${words}`, ...(setting === null ? later : [`to fix it, check ${setting}`])];
}
