import { realSystem } from '../../src/machine/real-system.ts';
import { PATH } from './paths.ts';

/** The machine as it is. */
export const machine = realSystem({ PATH });
