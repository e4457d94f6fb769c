/** The rules that let the packets of cells pass a firewall whose default is to drop what is forwarded, as docker and ufw set it. */
export const LET_CELLS_PASS =
  'iptables -I FORWARD -i vc+ -j ACCEPT; iptables -I FORWARD -o vc+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT';

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
