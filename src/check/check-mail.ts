import { checkMailServer } from '../alerts/mail/trial-mail.ts';
import { type Config, secretsOf } from '../config/config.ts';
import { createRedactor } from '../log/redact.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/**
 * Whether the mail server accepts a session with the config's settings. No finding without mail. Rejects with the reason of `signal`.
 *
 * @param onLongWait gets each wait for the server that takes long, in words
 */
export async function checkMail(
  config: Config,
  system: System,
  version: string,
  signal: AbortSignal,
  onLongWait: (words: string) => void,
): Promise<readonly Finding[]> {
  const { email } = config.logging;
  // The config already warns if there is none.
  if (email === undefined) return [];
  const parts = { system, redact: createRedactor(secretsOf(config)), version, onLongWait };
  const where = `${email.host}:${email.port}`;
  const server = `mail server ${where}`;
  const found = await checkMailServer(config, parts, signal);
  signal.throwIfAborted();
  if (!found.ok) {
    const { words, setting } = found.why;
    const label = words.includes(where) ? 'mail server' : server;
    return [missing(`${label}: ${words}`, remedyFor(setting))];
  }
  const { protection, warnings } = found.value;
  return [ok(`${server}: ready (${protection})`), ...warnings.map((words) => warning(`${server}: ${words}`))];
}

function remedyFor(setting: string | null): string {
  if (setting === null) return 'try again later';
  if (setting === 'logging.email.server') {
    return 'is logging.email.server right, and does a mail server run there? Then: vpn-monitor test-mail';
  }
  return `correct ${setting}, then: vpn-monitor test-mail`;
}
