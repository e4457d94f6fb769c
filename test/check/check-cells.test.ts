import { expect, test } from 'vitest';
import { checkCells } from '../../src/check/check-cells.ts';
import type { SiteConfig } from '../../src/config/config.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { probeConfig } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

/** The findings for a site on a machine of this user, whose programs are those of a simulated one. */
async function found(site: Partial<SiteConfig>, uid = 1000) {
  const { system } = fakeMachine({ system: { uid } });
  const files = { realpathSync: (folder: string) => folder };
  const config = probeConfig({ sites: [simulatedSite('works', site)] });
  const findings = await checkCells(config, { ...system, files } as unknown as typeof system, never);
  return findings.map(({ verdict, words, remedy }) => [verdict, words, remedy]);
}

test('who wants no cells is told nothing of them', async () => {
  expect(await found({ isolation: 'none' })).toEqual([]);
  expect(await found({ isolation: 'cell', enabled: false })).toEqual([]);
});

test('without root', async () => {
  const remedy = 'run the monitor as root, or set isolation: none';
  expect(await found({ isolation: 'cell' })).toEqual([['missing', 'cells: cells need root', remedy]]);
  expect(await found({ isolation: 'auto' })).toEqual([
    ['warning', 'cells: cells need root; sites with isolation: auto are tested one after the other', remedy],
  ]);
});

test('without programs: names each, and the packages', async () => {
  expect(await found({ isolation: 'cell' }, 0)).toEqual([
    [
      'missing',
      'cells: cells need bash, getent, ip, mount, nft, nsenter, setpriv, unshare',
      'Debian, Ubuntu: apt-get install bash libc-bin iproute2 mount nftables util-linux',
    ],
  ]);
});
