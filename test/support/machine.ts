import { realSystem } from '../../src/system/real-system.ts';
import { PATH } from './paths.ts';

/** The machine as it is. */
export const machine = realSystem({ PATH });
