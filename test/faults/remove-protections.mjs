// Removes one protection of the monitor after the other, in a copy of the tree, and shows which invariant of
// the fault harness does not hold then: node test/faults/remove-protections.mjs [PART OF A NAME]. Prints the
// table of docs/testing.md.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** So many schedules are played for each, from seed 1 on. */
const SCHEDULES = Number(process.env.SCHEDULES ?? 10);

/** Its name; the file, a line of it, and what stands there instead. */
const PROTECTIONS = [
  [
    'the state is stored before a mail is sent',
    'src/alerts/alerts.ts',
    '    save();\n    if (await judgeThisHost',
    '    if (await judgeThisHost',
  ],
  [
    'the drain: what a client has written is read when it has ended',
    'src/machine/pty.ts',
    'for (const bytes of unread(fd)) tell(bytes);',
    '',
  ],
  [
    'the whole process group of a client is killed',
    'src/console/child-group.ts',
    'if (!this.#taken()) this.#system.kill(-this.#id, signal);',
    'if (!this.#taken()) this.#system.kill(this.#id, signal);',
    'this.#members = new Set(this.#bearers().map(keyOf));',
    'this.#members = new Set();',
  ],
  [
    'a header only into an empty file',
    'src/results/csv-file.ts',
    'writeWhole(files, fd, Buffer.from(length === 0 ?',
    'writeWhole(files, fd, Buffer.from(!headerSeen.has(target + dir) && headerSeen.add(target + dir) ?',
  ],
  [
    'a torn last line is mended',
    'src/results/csv-file.ts',
    'const length = mendEnd(target, fd);',
    'const length = files.fstatSync(fd).size;',
  ],
];

const root = path.resolve(import.meta.dirname, '../..');
const copy = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-protections-'));
const wanted = process.argv[2] ?? '';
try {
  for (const name of ['src', 'test', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  console.log('| protection | without it | what the harness says then |\n|---|---|---|');
  for (const [name, file, ...lines] of PROTECTIONS) if (name.includes(wanted)) remove(name, file, lines);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function remove(name, file, lines) {
  const place = path.join(copy, file);
  const whole = readFileSync(place, 'utf8');
  let text = whole;
  for (let index = 0; index < lines.length; index += 2) {
    if (!text.includes(lines[index])) return fail(name, `${file} has no line "${lines[index]}"`);
    text = text.replace(lines[index], lines[index + 1]);
  }
  writeFileSync(place, text);
  try {
    // A name that is no longer used is no reason not to try: tsc writes the program all the same.
    run('node_modules/.bin/tsc', ['-p', 'tsconfig.json']);
    const { output } = run('node_modules/.bin/vitest', ['run', 'test/faults/faults.test.ts']);
    if (process.env.SHOW) console.error(output);
    const broken = [...output.matchAll(/seed (\d+) breaks:\n(?: {2}(.*)\n)/g)];
    const [first] = broken;
    if (first === undefined) return fail(name, `none of ${SCHEDULES} schedules noticed`);
    const seeds = new Set(broken.map(([, seed]) => seed));
    const change = `${file}: \`${cell(lines[0])}\` → \`${cell(lines[1])}\``;
    console.log(
      `| ${name} | ${change} | ${seeds.size} of ${SCHEDULES} seeds, as ${first[1]}: \`${cell(first[2])}\` |`,
    );
  } finally {
    writeFileSync(place, whole);
  }
}

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(path.join(copy, command), args, {
    cwd: copy,
    encoding: 'utf8',
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      FAULTS_SEED: '1',
      FAULTS_SCHEDULES: String(SCHEDULES),
    },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: `${stdout}\n${stderr}` };
}

function cell(text) {
  const shown = text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|');
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}

function fail(name, why) {
  process.exitCode = 1;
  console.log(`| ${name} | | NOT SHOWN: ${why} |`);
}
