// Measures what the monitor itself costs, against a simulated client and an instant ping: npm run bench
//   --json     figures as JSON      --sites    only what grows with the sites
//   --rows N   rows after the warm-up (1000), longer than two minutes from about 1500 on
import { parseArgs } from 'node:util';
import { runInWorld } from './in-world.mjs';

parseArgs({ options: { json: { type: 'boolean' }, rows: { type: 'string' }, sites: { type: 'boolean' } } });
runInWorld('./inside.mjs');
