import { playSeeds } from '../../faults/play-seeds.ts';
import { missingPrograms } from '../../support/missing-programs.ts';
import { worldUnavailable } from '../../support/world.ts';

/** One takes a minute, most of it waiting; `npm run faults -- --at-once` asks for more. */
const { FAULTS_IN_CELLS = '1' } = process.env;

const reason =
  process.getuid?.() === 0 ? missingPrograms(['ip', 'nft', 'nsenter']) : 'needs root, for cells on veth';
playSeeds(
  'a random schedule of faults, 50 tests, all sites at once in cells',
  Number(FAULTS_IN_CELLS),
  8,
  worldUnavailable() ?? reason,
);
