import type { MailFailure } from '../alerts/mail/smtp/mail-failure.ts';
import { type SentTestMail, testMail as sendTestMail } from '../alerts/mail/trial-mail.ts';
import { secretsOf } from '../config/config.ts';
import { createRedactor } from '../log/redact.ts';
import type { Result } from '../model/result.ts';
import { listenForStop, signalStatus } from '../process/stop.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/**
 * Sends one test notification and prints the server's reply. Exit status: 0: sent; 1: not sent, or not to all recipients; 2: a bad
 * config; 3: a secret can't be read yet; 130 or 143: interrupted by a signal.
 */
export async function testMail(options: CommonOptions, shell: Shell): Promise<number> {
  const { screen, version } = shell;
  const started = startWithConfig(options.config, shell);
  if (!started.ok) return started.status;
  const { config, system } = started.value;
  const stop = listenForStop(shell.signals, system);
  try {
    const redact = createRedactor(secretsOf(config));
    const onLongWait = (words: string) => screen.diagnose(`${words} (Ctrl-C ends this)`);
    const outcome = await sendTestMail(config, { system, redact, version, onLongWait }, stop.signal);
    if (!outcome.ok && stop.signal.aborted) {
      screen.diagnose('interrupted');
      return signalStatus(stop.signal);
    }
    for (const line of inWords(outcome)) (outcome.ok ? screen.print : screen.diagnose)(line);
    return outcome.ok && outcome.value.refused.length === 0 ? EXIT.good : EXIT.failed;
  } finally {
    stop.end();
  }
}

function inWords(outcome: Result<SentTestMail, MailFailure>): readonly string[] {
  if (!outcome.ok) {
    const { words, setting, permanent } = outcome.why;
    const later = permanent ? [] : ['try again later'];
    return [`not sent: ${words}`, ...(setting === null ? later : [`to fix it, check ${setting}`])];
  }
  const { protection, reply, warnings, refused } = outcome.value;
  return [
    `sent (${protection}); the server replied: ${reply}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    ...refused.map(({ recipient, failure }) => `not sent to ${recipient}: ${failure.words}`),
  ];
}
