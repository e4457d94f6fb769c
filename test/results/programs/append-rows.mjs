// Appends rows to result_181114.csv in the folder of its argument until it is killed. Prints the number of each written row.
import fs from 'node:fs';
import { csvFile } from '../../../dist/results/csv-file.js';

const nothing = () => {};
const log = { debug: nothing, info: nothing, warning: nothing, error: nothing, critical: nothing };
const csv = csvFile({ dir: process.argv[2] ?? '', file: 'result', files: fs, log });
for (let n = 1; ; n++) {
  csv.append({
    time: new Date(2018, 10, 14),
    line: `Wed Nov 14 00:00:00 2018,site${n},SUCCESS,5.213,10529.671,436.733\n`,
  });
  fs.writeSync(1, `${n}\n`);
}
