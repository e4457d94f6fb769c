// Removes one protection of the monitor after the other, in a copy of the tree, and shows which invariant of
// the fault harness does not hold then: node test/faults/remove-protections.mjs [PART OF A NAME]. Prints the
// table of docs/testing.md.
import { cell, notShown, withCopy } from '../support/changed-copy.mjs';

/** So many schedules are played for each, from seed 1 on. */
const SCHEDULES = Number(process.env.SCHEDULES ?? 30);

/** Its name; the file; lines of it, each with what replaces it, and with the file that has it if that is another one. */
const PROTECTIONS = [
  [
    'the state is stored before a mail is sent',
    'src/alerts/alerts.ts',
    ['    this.#save();\n    this.noteHost(', '    this.noteHost('],
    ['if (changed) this.#parts.save();', '', 'src/alerts/delivery.ts'],
  ],
  [
    'the drain: what a client has written is read when it has ended',
    'src/system/pty.ts',
    ['for (const bytes of unread(fd)) emit(bytes);', ''],
  ],
  [
    'the whole process group of a client is killed',
    'src/console/child-group.ts',
    [
      'if (!this.#reused()) this.#place.kill(-this.#id, signal);',
      'if (!this.#reused()) this.#place.kill(this.#id, signal);',
    ],
    ['this.#members = new Set(this.#candidates().map(identityOf));', 'this.#members = new Set();'],
  ],
  [
    'a header only into an empty file',
    'src/results/row-writer.ts',
    ['const bytes = Buffer.from(length === 0 ?', 'const bytes = Buffer.from(this.#halfWritten === null ?'],
  ],
  [
    'a torn last line is repaired',
    'src/results/row-writer.ts',
    [
      'const length = this.#endLastLine(target, fd, isPast);',
      'const length = this.#files.fstatSync(fd).size;',
    ],
  ],
  [
    'nobody is told of a site that is silenced',
    'src/alerts/alerts.ts',
    ['silenced: silence !== null,', 'silenced: false,'],
  ],
  [
    'nobody is told of a site in a maintenance window',
    'src/alerts/alerts.ts',
    [
      'maintenance: maintenanceAt(maintenance, result.site, result.time.getTime()) !== null,',
      'maintenance: maintenance.length < 0,',
    ],
  ],
];

const wanted = process.argv[2] ?? '';
withCopy((copy) => {
  console.log('| protection | without it | what the harness says then |\n|---|---|---|');
  for (const [name, file, ...changes] of PROTECTIONS)
    if (name.includes(wanted)) remove(copy, name, file, changes);
});

function remove(copy, name, file, changes) {
  change(copy, name, file, changes, () => {
    copy.build();
    const schedules = { FAULTS_SEED: '1', FAULTS_SCHEDULES: String(SCHEDULES) };
    const { output } = copy.test(['test/faults/faults.test.ts'], schedules);
    if (process.env.SHOW) console.error(output);
    const broken = [...output.matchAll(/seed (\d+) breaks:\n(?: {2}(.*)\n)/g)];
    const [first] = broken;
    if (first === undefined) return notShown(name, `none of ${SCHEDULES} schedules noticed`);
    const seeds = new Set(broken.map(([, seed]) => seed));
    const [line, instead] = changes[0];
    console.log(
      `| ${name} | ${file}: ${cell(line)} → ${cell(instead)} | ${seeds.size} of ${SCHEDULES} seeds, as ${first[1]}: ${cell(first[2])} |`,
    );
  });
}

/** Makes all changes, calls `look` and undoes them. */
function change(copy, name, file, [first, ...rest], look) {
  if (first === undefined) return look();
  const [line, instead, where = file] = first;
  const missing = copy.change(where, [[line, instead]], () => change(copy, name, file, rest, look));
  if (missing !== undefined) notShown(name, `${where} has no line "${missing}"`);
}
