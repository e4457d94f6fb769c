import { expect, test } from 'vitest';
import { dropsForwarded, remedyForFirewall } from '../../src/cell/cell-firewall.ts';
import type { Place } from '../../src/system/place.ts';

const chain = (policy: string, rule = '', hook = 'forward') => `table ip filter {
	chain FORWARD {
		type filter hook ${hook} priority filter; policy ${policy};
		${rule}
	}
}
`;

test.each([
  ['no rules', '', false],
  ['a policy of accept', chain('accept'), false],
  ["docker's policy of drop", chain('drop', 'counter packets 0 bytes 0 jump DOCKER-USER'), true],
  [
    'a policy of drop with a rule for cells',
    chain('drop', 'iifname "vc*" counter packets 1 bytes 84 accept'),
    false,
  ],
  ['a policy of drop for what comes in', chain('drop', '', 'input'), false],
  [
    'a rule for cells in another chain',
    chain('drop') + chain('accept', 'iifname "vc*" accept', 'input'),
    true,
  ],
])('%s', (_, ruleset, drops) => {
  expect(dropsForwarded(ruleset)).toBe(drops);
});

test.each([
  ['no tables of iptables-legacy', chain('drop'), undefined, 'iptables'],
  ['tables of iptables-legacy without a filter', '', 'nat\n', 'iptables'],
  ['rules of iptables-legacy alone', '', 'nat\nfilter\n', 'iptables-legacy'],
  ['a policy of drop by nft beside them', chain('drop'), 'filter\n', 'iptables'],
  ['firewalld', 'table inet firewalld {\n}\n', 'filter\n', 'firewall-cmd'],
])('the remedy names the program that has made the rules: %s', (_, ruleset, tables, program) => {
  const host: Pick<Place, 'readFile'> = {
    readFile: () =>
      tables === undefined
        ? { state: 'missing' }
        : { state: 'read', text: tables, exact: true, version: '1', mode: 0o444 },
  };
  expect(remedyForFirewall(ruleset, host).split(' ')[0]).toBe(program);
});
