import type { Config } from '../config/config.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok } from './finding.ts';

/** Whether the programs of the channels are there, and what is not tried. Sends nothing: `test-notify` does. Mail servers are checked by check-mail.ts. */
export function checkChannels({ channels, heartbeat }: Config, system: System): readonly Finding[] {
  const beats = heartbeat === undefined ? [] : [ok('heartbeat: not tried')];
  const findings = channels.flatMap(({ name, way }) => {
    if (way.kind === 'mail') return [];
    const trial = `vpn-monitor test-notify ${name}`;
    if (way.kind === 'webhook') return [ok(`channel ${name}: webhook, not tried: ${trial}`)];
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
