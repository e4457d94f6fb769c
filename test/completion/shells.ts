import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { createCommandLine } from '../../src/cli/command-tree.ts';
import { completionTree } from '../../src/completion/completion-tree.ts';
import { LEVELS } from '../../src/log/log.ts';
import { createShell } from '../commands/support.ts';
import { MAIN, PATH } from '../support/paths.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openTypedTerminal } from '../support/typed-terminal.ts';

// Keys are typed at a real shell on a terminal, TAB among them. The command that is completed prints what it was called with.

const folder = temporaryFolder(afterAll);

mkdirSync(path.join(folder, 'bin'));
writeFileSync(
  path.join(folder, 'bin', 'vpn-monitor'),
  `#!/bin/sh
case $1 in complete-*) exec '${process.execPath}' '${MAIN}' "$@" ;; esac
printf 'called:'
for word; do printf '<%s>' "$word"; done
echo :called
`,
);
chmodSync(path.join(folder, 'bin', 'vpn-monitor'), 0o755);
mkdirSync(path.join(folder, 'archive'));
writeFileSync(path.join(folder, 'archive.txt'), '');
mkdirSync(path.join(folder, 'etc'));
const sites = (...names: string[]) =>
  `frequency: 600\nlogging: { dir: r, file: f }\nsites:\n${names
    .map(
      (name) =>
        `  ${JSON.stringify(name)}: { external_ip: a, internal_ip: a, vpn_gw: a, realm: a, username: a, password: a, timeout: 1 }\n`,
    )
    .join('')}channels: [{ name: chat, command: { run: [/bin/true] } }]\n`;
// A shell that evaluates one of these names creates a file.
const HOSTILE = ['$(touch pwned)', '`touch pwned`', 'x;touch pwned', "it's", '*', '~'];
writeFileSync(path.join(folder, 'config.yml'), sites('site1', 'main office', ...HOSTILE), { mode: 0o600 });
writeFileSync(path.join(folder, 'etc', 'my other.yml'), sites('elsewhere'), { mode: 0o600 });

const tree = completionTree(createCommandLine(createShell(), () => undefined));
const commands = tree.slice(1).map(({ name }) => name);
const optionsOf = (name: string) =>
  (tree.find((command) => command.name === name)?.options ?? []).flatMap(({ flags }) => flags);

/** Inserts all possible values at the cursor. */
const ALL = '\x18a';
const SHELLS = {
  bash: {
    args: ['--norc', '--noprofile', '-i'],
    setUp: String.raw`bind '"\C-xa": insert-completions'; source <(node $MAIN completion bash); PS1=rea''dy'>'`,
  },
  zsh: {
    args: ['-f', '-i'],
    setUp:
      "autoload -Uz compinit && compinit -D -u; zle -C all complete-word _generic; bindkey '^Xa' all; zstyle ':completion:all:*' completer _all_matches _complete; zstyle ':completion:all:*' insert true; source <(node $MAIN completion zsh); PS1=rea''dy'>'",
  },
} as const;

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ['a command', 'on\t', ['once']],
  ['all commands', ALL, commands],
  ['a command after an option', '--log-level info che\t', ['--log-level', 'info', 'check']],
  ['an option', 'once --js\t', ['once', '--json']],
  ['a new file beside others', 'once --transcript con\t', ['once', '--transcript', 'config.yml']],
  ['the levels', `--log-level ${ALL}`, ['--log-level', ...LEVELS]],
  ['a level of a command', 'run --log-level i\t', ['run', '--log-level', 'info']],
  ['a level after =', 'run --log-level=i\t', ['run', '--log-level=info']],
  ['a file', '-c con\t', ['-c', 'config.yml']],
  ['a file with a space', 'check --config etc/my\t', ['check', '--config', 'etc/my other.yml']],
  ['a folder, and no file', 'demo --dir arch\t', ['demo', '--dir', 'archive']],
  ['a shell', `completion ${ALL}`, ['completion', 'bash', 'zsh']],
  ['a command to explain', 'help test-n\t', ['help', 'test-notify']],
  ['nothing after a command without arguments', `run x${ALL}`, ['run', 'x']],
  ['a site', 'once s\t', ['once', 'site1']],
  ['a channel', 'test-notify ch\t', ['test-notify', 'chat']],
  ['a second site, with a space', 'once site1 ma\t', ['once', 'site1', 'main office']],
  ['all sites, with any names', `once ${ALL}`, ['once', 'site1', 'main office', ...HOSTILE]],
  [
    "another config's site",
    `once -c 'etc/my other.yml' ${ALL}`,
    ['once', '-c', 'etc/my other.yml', 'elsewhere'],
  ],
  [
    'the same after the file was completed',
    `once --config=etc/my\t ${ALL}`,
    ['once', '--config=etc/my other.yml', 'elsewhere'],
  ],
  [
    'the same from the home folder',
    `-c ~/etc/my\t once e\t`,
    ['-c', path.join(folder, 'etc/my other.yml'), 'once', 'elsewhere'],
  ],
  ['no site of a missing config', `-c nowhere once ${ALL}`, ['-c', 'nowhere', 'once']],
];

/** Types at a real bash or zsh, and expects what it completes. Its test files are run by a group each: zsh may be missing. */
export async function expectCompletions(shell: keyof typeof SHELLS): Promise<void> {
  const { args, setUp } = SHELLS[shell];
  const terminal = openTypedTerminal(shell, args, {
    cwd: folder,
    env: { PATH: `${path.join(folder, 'bin')}:${PATH}`, HOME: folder, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
  });
  terminal.type(`${setUp.replace('node $MAIN', `'${process.execPath}' '${MAIN}'`)}\r`);
  await terminal.shows('ready>');
  const completed: Record<string, string[]> = {};
  for (const [what, typed] of CASES) {
    terminal.type(`vpn-monitor ${typed}\r`);
    const called = await terminal.shows('ready>');
    completed[what] = [...(called.split('called:')[1] ?? '').matchAll(/<(.*?)\/?>/gs)].map(
      ([, word = '']) => word,
    );
  }
  // The order is the shell's own.
  const sorted = (words: readonly string[]) => [...words].sort();
  const expected = CASES.map(([what, , words]) => [what, sorted(words)] as const);
  expect(Object.entries(completed).map(([what, words]) => [what, sorted(words)])).toEqual(expected);
  for (const name of ['', ...commands]) {
    terminal.type(`vpn-monitor ${name} -${ALL}\r`);
    const called = await terminal.shows('ready>');
    for (const flag of optionsOf(name)) expect(called, name).toContain(`<${flag}`);
  }
  expect(existsSync(path.join(folder, 'pwned'))).toBe(false);
  expect(existsSync(path.join(folder, 'touch'))).toBe(false);
}
