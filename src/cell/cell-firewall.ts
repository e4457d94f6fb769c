import type { Place } from '../system/place.ts';

/** The tables of iptables-legacy, which nft does not list. The file does not exist before they are used. */
const LEGACY_TABLES = '/proc/net/ip_tables_names';

/** The commands that let the packets of cells pass the firewall of this host, by what has made its rules. */
export function remedyForFirewall(ruleset: string, host: Pick<Place, 'readFile'>): string {
  if (/^table inet firewalld /m.test(ruleset)) {
    return 'firewall-cmd --permanent --zone=trusted --add-source=169.254.0.0/16; firewall-cmd --reload';
  }
  const tables = host.readFile(LEGACY_TABLES);
  const isLegacy = tables.state === 'read' && tables.text.split('\n').includes('filter');
  const iptables = isLegacy && !dropsForwarded(ruleset) ? 'iptables-legacy' : 'iptables';
  return `${iptables} -I FORWARD -i vc+ -j ACCEPT; ${iptables} -I FORWARD -o vc+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`;
}

/**
 * Whether a firewall drops what cells send to other hosts: a chain for forwarded packets whose policy is drop and that has no rule about
 * the devices of cells. An accept in another table does not help.
 *
 * @param ruleset as `nft list ruleset` prints it, which includes the rules of iptables-nft.
 */
export function dropsForwarded(ruleset: string): boolean {
  const chains = ruleset.split(/^\s*chain /m).slice(1);
  return chains.some(
    (chain) => /hook forward [^;]*;\s*policy drop;/.test(chain) && !/iifname "vc\*"[^\n]* accept/.test(chain),
  );
}
