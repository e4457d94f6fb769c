import { checkMailServer, type TrialParts } from '../alerts/mail/trial-mail.ts';
import { type Config, type EmailConfig, secretsOf } from '../config/config.ts';
import { createRedactor } from '../log/redact.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/**
 * Whether the mail servers of the channels accept a session with the config's settings. No finding without mail. Rejects with the
 * reason of `signal`.
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
  const parts = { system, redact: createRedactor(secretsOf(config)), version, onLongWait };
  const named = config.channels.flatMap(({ way }) => (way.kind === 'mail' ? [way.email] : []));
  const findings: Finding[] = [];
  // The config already warns if there is none.
  for (const email of [config.logging.email, ...named]) {
    if (email !== undefined) findings.push(...(await checkServer(email, parts, signal)));
  }
  return findings;
}

async function checkServer(
  email: EmailConfig,
  parts: TrialParts,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const where = `${email.host}:${email.port}`;
  const server = `mail server ${where}`;
  const found = await checkMailServer(email, parts, signal);
  signal.throwIfAborted();
  if (!found.ok) {
    const { words, setting } = found.why;
    const label = words.includes(where) ? 'mail server' : server;
    return [missing(`${label}: ${words}`, remedyFor(setting, email))];
  }
  const { protection, warnings } = found.value;
  return [ok(`${server}: ready (${protection})`), ...warnings.map((words) => warning(`${server}: ${words}`))];
}

function remedyFor(setting: string | null, { key }: EmailConfig): string {
  if (setting === null) return 'try again later';
  if (setting === `${key}.server`) {
    return `is ${setting} right, and does a mail server run there? Then: vpn-monitor test-notify`;
  }
  return `correct ${setting}, then: vpn-monitor test-notify`;
}
