import { expect, test } from 'vitest';
import { checkCells } from '../../src/check/check-cells.ts';
import type { SiteConfig } from '../../src/config/config.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { probeConfig } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

/** What is found for a site on a machine of this user, whose programs are those of a simulated one. */
async function found(site: Partial<SiteConfig>, uid = 1000) {
  const { system } = fakeMachine({ system: { uid } });
  const files = { realpathSync: (folder: string) => folder };
  const config = probeConfig({ sites: [simulatedSite('works', site)] });
  const { findings, onHost } = await checkCells(
    config,
    { ...system, files } as unknown as typeof system,
    never,
  );
  return {
    findings: findings.map(({ verdict, words, remedy }) => [verdict, words, remedy]),
    onHost: onHost.sites.length,
  };
}

test('who wants no cells is told nothing of them', async () => {
  expect(await found({ isolation: 'none' })).toEqual({ findings: [], onHost: 1 });
  expect(await found({ isolation: 'cell', enabled: false })).toEqual({ findings: [], onHost: 1 });
});

test('root without programs: names each, and the packages', async () => {
  const words = 'cells: cells need bash, getent, ip, mount, nft, nsenter, setpriv, unshare';
  const remedy = 'Debian, Ubuntu: apt-get install bash libc-bin iproute2 mount nftables util-linux';
  expect(await found({ isolation: 'cell' }, 0)).toEqual({
    findings: [['missing', words, remedy]],
    onHost: 0,
  });
});

test('an ordinary user without programs: slirp4netns in place of nft', async () => {
  const words = 'cells: cells need bash, getent, ip, mount, nsenter, setpriv, slirp4netns, unshare';
  const remedy = 'Debian, Ubuntu: apt-get install bash libc-bin iproute2 mount util-linux slirp4netns';
  expect(await found({ isolation: 'cell' })).toEqual({ findings: [['missing', words, remedy]], onHost: 0 });
  expect(await found({ isolation: 'auto' })).toEqual({
    findings: [['warning', `${words}; sites with isolation: auto are tested one after the other`, remedy]],
    onHost: 1,
  });
});
