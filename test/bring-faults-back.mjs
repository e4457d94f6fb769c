// biome-ignore-all lint/suspicious/noTemplateCurlyInString: lines of source are quoted here
// Brings each fault of the script back by one line of src, and then each trap of cells, in a copy of the tree, and shows the test that
// notices it:
//   node test/bring-faults-back.mjs [PART OF A NAME]
// A line that is not found, or a test that passes all the same, is an error. docs/testing.md holds what it printed.
import { cell, notShown, withCopy } from './support/changed-copy.mjs';

/** [fault, file, line as it is, line that brings the fault back, test file, part of the test's name] */
const FAULTS = [
  [
    'a hung client becomes a zombie that costs every later site 11 s',
    'src/system/process-identity.ts',
    "return !'ZX'.includes(process.state);",
    'return process.state !== undefined;',
    'test/host/leftovers/kill-leftovers.test.ts',
    'becomes a zombie',
  ],
  [
    'quit is cut off by the closing pty',
    'src/probe/logout.ts',
    'if ((await client.ended(until - place.monotonic(), force)) === undefined) {',
    'if ((await client.ended(0, force)) === undefined) {',
    'test/probe/login.test.ts',
    'quit is cut off',
  ],
  [
    'CONNECTION REFUSED counts as SUCCESS',
    'src/console/search.ts',
    'if (match === null || unless?.test(line)) continue;',
    'if (match === null) continue;',
    'test/probe/login.test.ts',
    'CONNECTION REFUSED counts',
  ],
  [
    'the first row of a day is written twice',
    'src/results/row-writer.ts',
    "const lines = rows.map((row) => row.line).join('');",
    "const lines = rows.map((row) => (length === 0 ? row.line + row.line : row.line)).join('');",
    'test/results',
    'first row of a day',
  ],
  [
    'a second header into an existing file',
    'src/results/row-writer.ts',
    'const bytes = Buffer.from(length === 0 ?',
    'const bytes = Buffer.from(this.#halfWritten === null ?',
    'test/results',
    'second header',
  ],
  [
    'files rotate on UTC while Time is local',
    'src/results/file-name.ts',
    '[date.getFullYear() % 100, date.getMonth() + 1, date.getDate()]',
    '[date.getUTCFullYear() % 100, date.getUTCMonth() + 1, date.getUTCDate()]',
    'test/results',
    'rotate on UTC',
  ],
  [
    'the period is frequency + work',
    'src/monitor/loop.ts',
    'const due = started + config.frequency * 1000;',
    'const due = now + config.frequency * 1000;',
    'test/monitor/loop.test.ts',
    'period is frequency',
  ],
  [
    'a mail at every further failure',
    'src/alerts/policy.ts',
    'if (settings.remindMs === 0 || silent < settings.remindMs) return { state, event: null, withheld: null };',
    'if (silent < 0) return { state, event: null, withheld: null };',
    'test/alerts/policy.test.ts',
    'every further failure',
  ],
  [
    'none at recovery',
    'src/alerts/policy.ts',
    'const due = state.announced !== null && settings.recovery;',
    'const due = state.announced !== null && settings.recovery && result.site === undefined;',
    'test/alerts/policy.test.ts',
    'none at recovery',
  ],
  [
    'empty body',
    'src/alerts/message.ts',
    'foot: compose(foot),\n    text: compose([\n      recovered',
    "foot: compose(foot),\n    text: '' && compose([\n      recovered",
    'test/alerts/message.test.ts',
    'empty body',
  ],
  [
    'none if the server is down once',
    'src/alerts/delivery.ts',
    'this.#keep(entry, { ...entry, tries: entry.tries + 1 }, failure.words);',
    'this.#keep(entry, null, failure.words);',
    'test/alerts/mail/mailer.test.ts',
    'down once',
  ],
  [
    "a strange user's java is killed",
    'src/host/leftovers/own-process.ts',
    'if (code === undefined) return true;',
    'if (code !== null) return true;',
    'test/host/leftovers/kill-leftovers.test.ts',
    'strange user',
  ],
  [
    'of three leftovers one is killed per site',
    'src/host/leftovers/kill-leftovers.ts',
    'const found = findLeftovers(place, processes, listed.value);',
    'const found = killed.size > 0 ? [] : findLeftovers(place, processes, listed.value).slice(0, 1);',
    'test/host/leftovers/kill-leftovers.test.ts',
    'of three leftovers',
  ],
  [
    'a missing key kills the daemon when it reaches that site',
    'src/config/load.ts',
    'if (built !== undefined && problems.length === 0) return { ok: true, ...built };',
    'if (built !== undefined) return { ok: true, ...built };',
    'test/e2e/script-faults.test.ts',
    'missing key',
  ],
  [
    'a missing folder kills it',
    'src/results/row-writer.ts',
    'makeFolder(this.#files, this.#dir);',
    'this.#files.readdirSync(this.#dir);',
    'test/results',
    'missing folder',
  ],
  [
    'the row torn on a full disk',
    'src/results/row-writer.ts',
    'if (isOurs) this.#files.ftruncateSync(fd, half.length);',
    '',
    'test/results',
    'full disk',
  ],
  [
    'a password echoed by the client is in the log',
    'src/probe/last-words.ts',
    'return redactedTail(text, length, redact, cut);',
    'return redactedTail(text, length, (other) => other, cut);',
    'test/probe/login.test.ts',
    'password echoed',
  ],
  [
    'SIGTERM leaves java and the tunnel running',
    'src/probe/close-test.ts',
    'const gone = (await session?.close(closing.signal)) ?? true;',
    'const gone = true; if (stop.aborted) return new Map();',
    'test/e2e/script-faults.test.ts',
    'SIGTERM leaves java',
  ],
  [
    'a realm with a space loses -y, or logs in at another gateway',
    'src/probe/template.ts',
    'filled.map(({ text }) => text) : [];',
    "filled.flatMap(({ text }) => text.split(' ')) : [];",
    'test/probe/login.test.ts',
    'a realm with a space',
  ],
  [
    '1.2.3abc counts as a number',
    'src/probe/ping-summary.ts',
    'const number = String.raw`(-?\\d+(?:[.,]\\d+)?)`;',
    'const number = String.raw`([^/]+)`;',
    'test/probe/ping.test.ts',
    '1.2.3abc',
  ],
  [
    'numeric passwords end as ERROR rows',
    'src/config/load.ts',
    'if (built !== undefined && problems.length === 0) return { ok: true, ...built };',
    'if (built !== undefined) return { ok: true, ...built };',
    'test/e2e/script-faults.test.ts',
    'numeric passwords',
  ],
  [
    'frequency: 0 floods mail',
    'src/config/schema/config-schema.ts',
    'seconds(1, MAX_SECONDS),',
    'seconds(0, MAX_SECONDS),',
    'test/e2e/interval.test.ts',
    'frequency: 0',
  ],
  [
    'its 50 ms pause before each line typed is counted into stage 2',
    'src/probe/dialogue.ts',
    'paused += place.monotonic() - before;',
    'paused += 0 * before;',
    'test/probe/login.test.ts',
    'pause before each line',
  ],
  [
    'a signal to the pty of a cell hits nsenter, and the client does not log out',
    'src/cell/enter.ts',
    'if (pid > 0) return system.kill(entered.has(pid) ? (firstChild(system, pid) ?? pid) : pid, signal);',
    'if (pid > 0) return system.kill(pid, signal);',
    'test/real/cell/traps.test.ts',
    'hits nsenter: it is for the client',
  ],
  [
    "the clean-up of one site in a cell ends another one's client",
    'src/cell/enter.ts',
    '.filter((pid) => pid !== init && system.readLink(`/proc/${pid}/ns/pid`) === namespace);',
    '.filter((pid) => pid !== init);',
    'test/real/cell/traps.test.ts',
    "pids are the host's",
  ],
  [
    'ps refuses a second caller, and a cell is not cleaned',
    'src/cell/enter.ts',
    'listPids: async () => pids(),',
    'listPids: system.listPids,',
    'test/real/cell/traps.test.ts',
    'ps refuses a second caller',
  ],
  [
    'an absolute link in a cell leads to a file of the host',
    'src/cell/cell-files.ts',
    "if (target.startsWith('/')) found = '/';",
    "if (target.startsWith('/')) return target;",
    'test/cell/cell-files.test.ts',
    'an absolute link',
  ],
  [
    'a cell asks the stub of systemd-resolved, which is not there',
    'src/cell/cell-resolv-conf.ts',
    "if (!own.split('\\n').some(isLocalServer)) return own;",
    'return own;',
    'test/cell/cell-resolv-conf.test.ts',
    "systemd-resolved's stub",
  ],
  [
    'docker drops what cells send, and nobody says so',
    'src/cell/cell-firewall.ts',
    '(chain) => /hook forward [^;]*;\\s*policy drop;/.test(chain) &&',
    '(chain) => /hook output [^;]*;\\s*policy drop;/.test(chain) &&',
    'test/cell/cell-firewall.test.ts',
    "docker's policy of drop",
  ],
  [
    'the insides of two cells look alike to the notes of one host',
    'src/cell/cell-keeper.ts',
    'export function cellKeeper(place: Place): HostKeeper {\n  let before: readonly string[] = [];',
    'let before: readonly string[] = [];\nexport function cellKeeper(place: Place): HostKeeper {',
    'test/cell/cell-keeper.test.ts',
    'shared files',
  ],
];

const wanted = process.argv[2] ?? '';
withCopy((copy) => {
  console.log('| fault | the line that brings it back | what the test says then |\n|---|---|---|');
  for (const fault of FAULTS) if (fault[0].includes(wanted)) bringBack(copy, ...fault);
});

function bringBack(copy, fault, file, line, instead, testFile, testName) {
  const missing = copy.change(file, [[line, instead]], () => {
    if (testFile.includes('e2e')) copy.build();
    const { status, output } = copy.test([testFile, '-t', testName, '--coverage.enabled=false']);
    const said = output.split('\n').find((shown) => /^\w*Error: /.test(shown.trim()));
    if (status === 0 || said === undefined) {
      if (process.env.SHOW) console.error(output);
      return notShown(fault, `no test has noticed it (vitest ended with ${status})`);
    }
    console.log(`| ${fault} | ${file}: ${cell(line)} → ${cell(instead)} | ${testFile}: ${cell(said)} |`);
  });
  if (missing !== undefined) notShown(fault, `${file} has no line "${missing}"`);
}
