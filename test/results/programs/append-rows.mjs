// Appends rows to result_181114.csv in the folder of its argument until it is killed. Prints the number of each written row.
// With a second argument, kills itself in the middle of the row of that number.
import fs from 'node:fs';
import { csvFile } from '../../../dist/results/csv-file.js';

const nothing = () => {};
const log = { debug: nothing, info: nothing, warning: nothing, error: nothing, critical: nothing };
const [, , dir = '', last] = process.argv;
const files = {
  ...fs,
  writeSync: (fd, bytes, ...args) => {
    if (!bytes.includes(`,site${last},SUCCESS`)) return fs.writeSync(fd, bytes, ...args);
    fs.writeSync(fd, bytes.subarray(0, bytes.length >> 1));
    process.kill(process.pid, 'SIGKILL');
    // It is not always delivered before kill returns.
    for (;;);
  },
};
const csv = csvFile({ dir, file: 'result', files, log, now: () => new Date(2018, 10, 14) });
for (let n = 1; ; n++) {
  csv.append({
    time: new Date(2018, 10, 14),
    line: `Wed Nov 14 00:00:00 2018,site${n},SUCCESS,5.213,10529.671,436.733\n`,
  });
  fs.writeSync(1, `${n}\n`);
}
