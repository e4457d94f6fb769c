import type { Place } from '../system/place.ts';

/** systemd-resolved stores the name servers that it asks here. */
const UPSTREAM = '/run/systemd/resolve/resolv.conf';

/** Returns the text of a cell's resolv.conf: the host's, with name servers that are also reached from a cell. */
export function cellResolvConf(host: Pick<Place, 'readFile'>): string {
  const own = textOf(host, '/etc/resolv.conf');
  if (!own.split('\n').some(isLocalServer)) return own;
  const upstream = textOf(host, UPSTREAM);
  const text = upstream === '' ? own : upstream;
  return text
    .split('\n')
    .filter((line) => !isLocalServer(line))
    .join('\n');
}

/** Whether a line names a server on the loopback of the host: in a cell nothing listens there. */
function isLocalServer(line: string): boolean {
  return /^\s*nameserver\s+(?:127\.|::1\b|0\.0\.0\.0|::\s*$)/.test(line);
}

function textOf(host: Pick<Place, 'readFile'>, file: string): string {
  const seen = host.readFile(file);
  return seen.state === 'read' ? seen.text : '';
}
