import { worldUnavailable } from '../support/world.ts';
import { playSeeds } from './play-seeds.ts';

/** A few in `npm test`; CI asks for more, `npm run faults` for any. */
const { FAULTS_SCHEDULES = '2' } = process.env;

playSeeds('a random schedule of faults, 50 tests', Number(FAULTS_SCHEDULES), 1, worldUnavailable());
