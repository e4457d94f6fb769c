// Measures what a report of a year costs, and status and the live page on the same files: node bench/year.mjs (after npm run build)
//   --sites N   sites (20)      --frequency S   seconds from one test of a site to the next (600)
import { parseArgs } from 'node:util';
import { measureYear } from './measure-year.mjs';
import { conditions, judgeYear, table } from './report.mjs';

const { values } = parseArgs({
  options: { sites: { type: 'string', default: '20' }, frequency: { type: 'string', default: '600' } },
});
console.log(`${conditions()}\n`);
const year = await measureYear({ sites: Number(values.sites), frequency: Number(values.frequency) });
console.log(`${year.rows.toLocaleString('en-US')} rows\n`);
const cells = judgeYear(year).map(({ what, measured }) => [what, measured]);
console.log(table([['what', 'measured'], ...cells]));
