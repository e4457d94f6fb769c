import type { Config } from '../config/config.ts';
import { proxyFor, proxyInWords } from '../http/proxy.ts';
import type { Secret } from '../model/secret.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** Whether the programs of the channels are there, and what is not tried. Sends nothing: `test-notify` does. Mail servers are checked by check-mail.ts. */
export function checkChannels({ channels, heartbeat }: Config, system: System): readonly Finding[] {
  const beats = heartbeat === undefined ? [] : [untried('heartbeat: not tried', heartbeat.url, system)];
  const findings = channels.flatMap(({ name, way }) => {
    if (way.kind === 'mail') return [];
    const trial = `vpn-monitor test-notify ${name}`;
    if (way.kind === 'webhook') {
      return [untried(`channel ${name}: webhook, not tried: ${trial}`, way.webhook.url, system)];
    }
    const [program] = way.command.run;
    if (system.findCommand(program) !== undefined)
      return [ok(`channel ${name}: ${program}, not tried: ${trial}`)];
    return [
      missing(
        `channel ${name}: there is no executable file ${program}`,
        `install it or make it executable (chmod +x), or correct channels, then: ${trial}`,
      ),
    ];
  });
  return [...findings, ...beats];
}

/** What is not tried, and the proxy by which it goes. Shows nothing of the URL. */
function untried(words: string, url: Secret, { env }: System): Finding {
  const proxy = proxyFor(new URL(url.reveal()), env);
  if (!proxy.ok) return warning(`${words}: ${proxy.why}`, 'correct the variable, or unset it');
  return ok(proxy.value === null ? words : `${words} (by the proxy ${proxyInWords(proxy.value)})`);
}
