import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const asRoot = process.getuid?.() === 0;

/** A clone in small: one dependency, an npm, a build and Debian programs that only write down what was asked of them. */
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  cpSync('scripts', inClone('scripts'), { recursive: true });
  cpSync('package.json', inClone('package.json'));
  for (const project of ['tsconfig.json', 'tsconfig.page.json']) write(project, '{}');
  write('src/cli/cli.ts', '// one');
  writeLock('sha512-one');
  write('npm/package.json', '{}');
  write(
    'scripts/build.mjs',
    `import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
     rmSync('dist', { recursive: true, force: true }); mkdirSync('dist'); writeFileSync('dist/main.js', '');
     appendFileSync('calls', 'build\\n');`,
  );
  write(
    'npm/npm-cli.js',
    `const fs = require('node:fs');
     fs.appendFileSync('calls', 'npm ' + process.argv.slice(2).join(' ').replace(/--cache .*/, '--cache ANOTHER') + '\\n');
     fs.mkdirSync('node_modules/one', { recursive: true });
     fs.writeFileSync('node_modules/one/package.json', '{}');
     fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');`,
  );
  program('ping', '');
  program('ps', 'echo "ps from procps-ng 4.0.2"');
  program('sudo', '');
  program('apt-get', 'echo "apt-get $*" >> calls');
});

function inClone(name: string): string {
  return path.join(folder, name);
}

function write(name: string, text: string): void {
  mkdirSync(path.dirname(inClone(name)), { recursive: true });
  writeFileSync(inClone(name), text);
}

function writeLock(integrity: string): void {
  const packages = {
    '': {},
    'node_modules/one': { integrity },
    'node_modules/foreign': { integrity: 'x', optional: true, os: ['darwin'] },
    'node_modules/helper-of-foreign': { integrity: 'x', optional: true },
  };
  write('package-lock.json', JSON.stringify({ packages }));
}

function program(name: string, script: string): void {
  write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(inClone(`bin/${name}`), 0o755);
}

function calls(): string[] {
  const file = inClone('calls');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  rmSync(file, { force: true });
  return lines;
}

interface Result {
  readonly status: number | null;
  readonly said: string;
}

function setUp({ nodeArgs = [] }: { nodeArgs?: string[] } = {}): Promise<Result> {
  const child = spawn(process.execPath, [...nodeArgs, 'scripts/setup.mjs'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: inClone('bin'), npm_execpath: inClone('npm/npm-cli.js') },
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  child.stdout.on('data', (text) => {
    said += `on stdout: ${text}`;
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, said })));
}

// Another user, Node or libc is not to be had here: a module that runs first changes what Node says of itself.
function pretending(script: string): { nodeArgs: string[] } {
  return { nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(script)}`] };
}

const NPM_CI = 'npm ci --ignore-scripts --include=dev --no-audit --no-fund';

test('a fresh clone gets its modules and its build, and the second time nothing is done or said', async () => {
  expect(await setUp()).toEqual({
    status: 0,
    said: 'set-up: the node modules are missing: installing (npm ci)\nset-up: building\n',
  });
  expect(calls()).toEqual([NPM_CI, 'build']);
  expect(await setUp()).toEqual({ status: 0, said: '' });
  expect(calls()).toEqual([]);
});

test('a source that changed is built, also if the new content bears an older time', async () => {
  await setUp();
  calls();
  write('src/cli/cli.ts', '// two');
  utimesSync(inClone('src/cli/cli.ts'), 1, 1);
  expect(await setUp()).toEqual({ status: 0, said: 'set-up: building\n' });
  expect(calls()).toEqual(['build']);
});

test('modules out of step with the lock file are installed anew, and built with', async () => {
  await setUp();
  calls();
  writeLock('sha512-two');
  expect((await setUp()).said).toBe(
    'set-up: node_modules/one is not the one of package-lock.json: installing (npm ci)\nset-up: building\n',
  );
  expect(calls()).toEqual([NPM_CI, 'build']);
});

test('modules of another clone, by a link, are never touched', async () => {
  mkdirSync(inClone('theirs'));
  symlinkSync('theirs', inClone('node_modules'));
  expect(await setUp()).toEqual({
    status: 1,
    said: expect.stringContaining('the node modules are missing, and node_modules is a link'),
  });
  expect(calls()).toEqual([]);
  expect(readdirSync(inClone('theirs'))).toEqual([]);
});

test('a module whose folder was removed by hand is noticed', async () => {
  await setUp();
  calls();
  rmSync(inClone('node_modules/one'), { recursive: true });
  await setUp();
  expect(calls()).toEqual([NPM_CI]);
});

test('two at the same time do the work once', async () => {
  write('npm/npm-cli.js', `setTimeout(() => {}, 1000);\n${readFileSync(inClone('npm/npm-cli.js'), 'utf8')}`);
  const results = await Promise.all([setUp(), setUp()]);
  expect(results.map(({ status }) => status)).toEqual([0, 0]);
  expect(results.map(({ said }) => said)).toContain(
    'set-up: another set-up works in this folder: waiting for it\n',
  );
  expect(calls()).toEqual([NPM_CI, 'build']);
});

test('a cache that npm may not use is stepped round', async () => {
  write(
    'npm/npm-cli.js',
    `if (!process.argv.includes('--cache')) { console.error('npm error code EACCES'); process.exit(243); }
     ${readFileSync(inClone('npm/npm-cli.js'), 'utf8')}`,
  );
  expect(await setUp()).toEqual({
    status: 0,
    said:
      'set-up: the node modules are missing: installing (npm ci)\n' +
      'set-up: npm ci failed: once more with an empty cache\nset-up: building\n',
  });
  expect(calls()).toEqual([`${NPM_CI} --cache ANOTHER`, 'build']);
});

test.each([
  ['ENOTFOUND', 'See that the host reaches the npm registry'],
  ['ECONNREFUSED', 'See that the host reaches the npm registry'],
  ['SELF_SIGNED_CERT_IN_CHAIN', "The registry's certificate is not trusted"],
  ['EACCES', 'This user may not write there'],
  ['ENOSPC', 'The disk is full'],
  ['EUSAGE', 'package.json and package-lock.json disagree: run `npm install`'],
  ['ESTRANGE', 'Try `npm ci` by hand'],
])('npm ci that fails with %s is said with its remedy', async (code, remedy) => {
  write('npm/npm-cli.js', `console.error('npm warn old\\nnpm error code ${code}'); process.exit(1);`);
  const { status, said } = await setUp();
  expect(status).toBe(1);
  expect(said).toContain(
    `set-up: npm ci failed (exit status 1):\nset-up:   npm error code ${code}\nset-up: ${remedy}`,
  );
});

test('a build that fails is shown, and is done again the next time', async () => {
  const good = readFileSync(inClone('scripts/build.mjs'), 'utf8');
  write('scripts/build.mjs', `${good}\nconsole.log('src/cli/cli.ts(1,1): error TS1'); process.exitCode = 2;`);
  const { status, said } = await setUp();
  expect(status).toBe(1);
  expect(said).toContain(
    'set-up: the build failed (exit status 2):\nset-up:   src/cli/cli.ts(1,1): error TS1\n',
  );
  calls();
  expect((await setUp()).status).toBe(1);
  expect(calls()).toEqual(['build']);
});

test('without ping and ps an ordinary user is told the one command, and nothing is done', async () => {
  rmSync(inClone('bin/ping'));
  rmSync(inClone('bin/ps'));
  const { status, said } = await setUp(pretending('process.getuid = () => 1000'));
  expect(status).toBe(1);
  expect(said).toMatch(
    /^set-up: missing: iputils-ping procps\. Type this, then try again:\nset-up: {3}sudo (apt-get update && sudo )?apt-get install -y iputils-ping procps\n$/,
  );
  expect(calls()).toEqual([]);
});

test('the ps of BusyBox is not the one of procps', async () => {
  program('ps', 'echo "BusyBox v1.35.0 multi-call binary." >&2; exit 1');
  rmSync(inClone('bin/sudo'));
  const { status, said } = await setUp(pretending('process.getuid = () => 1000'));
  expect(status).toBe(1);
  expect(said).toMatch(/\nset-up: {3}su -c '(apt-get update && )?apt-get install -y procps'\n$/);
});

test('root gets the packages', async (context) => {
  if (!asRoot) context.skip('only root may install packages');
  rmSync(inClone('bin/ps'));
  program(
    'apt-get',
    `echo "apt-get $*" >> calls
     case "$*" in *procps) printf '#!/bin/sh\\necho procps\\n' > bin/ps; /bin/chmod +x bin/ps ;; esac`,
  );
  expect(await setUp()).toEqual({
    status: 0,
    said:
      'set-up: installing procps (apt-get)\n' +
      'set-up: the node modules are missing: installing (npm ci)\nset-up: building\n',
  });
  expect(calls().slice(0, 2)).toEqual([
    'apt-get update',
    'apt-get install -o DPkg::Lock::Timeout=300 -y --no-install-recommends procps',
  ]);
});

test('apt-get that fails is said with its output and the remedy', async (context) => {
  if (!asRoot) context.skip('only root may install packages');
  rmSync(inClone('bin/ping'));
  program('apt-get', 'echo "E: $1 failed"; exit 100');
  expect(await setUp()).toEqual({
    status: 1,
    said:
      'set-up: installing iputils-ping (apt-get)\n' +
      'set-up: apt-get could not install iputils-ping (exit status 100):\n' +
      'set-up:   E: update failed\nset-up:   \nset-up:   E: install failed\n' +
      'set-up: See that the host reaches its Debian mirror (/etc/apt/sources.list), then try again.\n',
  });
});

test('a system without apt-get is told what is missing', async () => {
  rmSync(inClone('bin/ping'));
  rmSync(inClone('bin/apt-get'));
  expect(await setUp()).toEqual({
    status: 1,
    said: "set-up: missing: iputils-ping (Debian's names): install them with this system's package manager, then try again\n",
  });
});

test('a Node that is too old is turned away', async () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(engines.node).toBe('>=20.19');
  const old =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } })";
  const { status, said } = await setUp(pretending(old));
  expect(status).toBe(1);
  expect(said).toMatch(
    /^set-up: Node 20\.18\.3 is too old: vpn-monitor needs 20\.19 or newer\.\nset-up: Install/,
  );
  const fit =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })";
  expect((await setUp(pretending(fit))).status).toBe(0);
});

test('musl is turned away', async () => {
  const { status, said } = await setUp(pretending('process.report.getReport = () => ({ header: {} })'));
  expect(status).toBe(1);
  expect(said).toMatch(/^set-up: vpn-monitor runs on Linux with glibc only/);
});
