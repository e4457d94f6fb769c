// Lets the built monitor test sites without a pause and looks whether anything grows: npm run soak
//   --tests N   how many tests: 200 at least, 10000 unless said, for which a machine that is left alone needs half an hour
// Exit status: 0 if all stayed flat, else 1.
import { parseArgs } from 'node:util';
import { runInWorld } from './in-world.mjs';

const { values } = parseArgs({ options: { tests: { type: 'string', default: '10000' } } });
if (Number(values.tests) >= 200) runInWorld('./soak-inside.mjs');
else throw new Error('--tests: a number from 200 on');
