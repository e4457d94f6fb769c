import { expect, test } from 'vitest';
import { dropsForwarded } from '../../src/cell/cell-firewall.ts';

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
