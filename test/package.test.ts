import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyTree } from './support/copy-tree.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

// `npm pack` in a copy of the tree, since it builds anew; then the install that README.md names, in an empty prefix,
// on a PATH that has Node and a shell but no compiler, make or python.

const manifest: { version: string; dependencies: object; devDependencies: object } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
const { version } = manifest;
const folder = temporaryFolder(afterAll);
const prefix = path.join(folder, 'prefix');
const toolsOnly = {
  ...process.env,
  PATH: path.join(folder, 'tools'),
  CC: 'false',
  CXX: 'false',
  PYTHON: 'false',
};
let packed: string[];

beforeAll(() => {
  const tree = path.join(folder, 'tree');
  copyTree(tree);
  // What lies about where a monitor was tried out must stay there.
  for (const stray of [
    'config.yml',
    '.env',
    'dist/old.js',
    'dist/old.test.js',
    'results/result_261123.csv',
    'demo/config.yml',
  ]) {
    mkdirSync(path.dirname(path.join(tree, stray)), { recursive: true });
    writeFileSync(path.join(tree, stray), 'password: "secret"\n');
  }
  npm(['pack', '--pack-destination', folder], { cwd: tree });
  const file = path.join(folder, `vpn-monitor-${version}.tgz`);
  packed = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).trim().split('\n').sort();

  mkdirSync(toolsOnly.PATH);
  for (const tool of ['node', 'sh']) symlinkSync(inPath(tool), path.join(toolsOnly.PATH, tool));
  npm(
    [
      'install',
      '--global',
      '--prefix',
      prefix,
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      file,
    ],
    { cwd: folder, env: toolsOnly },
  );
}, 300_000);

function inPath(program: string): string {
  return realpathSync(execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim());
}

function npm(args: string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): void {
  const npmCli = process.env.npm_execpath ?? inPath('npm');
  execFileSync(process.execPath, [npmCli, ...args], { ...options, stdio: 'pipe' });
}

/** Runs the installed program; its stdout. */
function installed(...args: string[]): string {
  return execFileSync(path.join(prefix, 'bin/vpn-monitor'), args, {
    cwd: folder,
    env: toolsOnly,
    encoding: 'utf8',
  });
}

test('the package holds the program, its example, its schema and its papers, and nothing else', () => {
  const modules = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const program = modules.map((file) => `dist/${file.replace(/\.ts$/, '.js')}`);
  // All to which the README leads.
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.\w+$/.test(file),
  );
  const papers = [
    ...docs.map((file) => `docs/${file}`),
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'config.example.yml',
    'config.schema.json',
    'message.schema.json',
    'contrib/prometheus/alertmanager.example.yml',
    'contrib/prometheus/grafana-dashboard.json',
    'contrib/prometheus/prometheus.example.yml',
    'contrib/prometheus/vpn-monitor.rules.test.yml',
    'contrib/prometheus/vpn-monitor.rules.yml',
    'package.json',
  ];
  expect(packed).toEqual([...program, ...papers].map((file) => `package/${file}`).sort());
});

test('installed without compiler and install scripts, it runs', () => {
  expect(installed('--version')).toBe(`${version}\n`);
});

test('installed, it tests a site: real pings of loopback, the packed demo client on a pty, a row', () => {
  const config = path.join(folder, 'once.yml');
  writeFileSync(
    config,
    `frequency: 600
logging: { dir: once-results, file: result }
sites:
  site1: { external_ip: 127.0.0.1, vpn_gw: works.example, internal_ip: 127.0.0.1, realm: r, username: u, password: "packed", timeout: 60, client: demo }
ping: { count: 1, timeout: 5 }
`,
    { mode: 0o600 },
  );
  const json = execFileSync(path.join(prefix, 'bin/vpn-monitor'), ['once', '--json', '-c', config], {
    cwd: folder,
    env: { ...toolsOnly, PATH: `${toolsOnly.PATH}:/usr/bin:/bin` },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(JSON.parse(json)).toMatchObject({ version, sites: [{ name: 'site1', summary: 'SUCCESS' }] });
});

test('node-pty spawns without its install script', () => {
  const script = `
    const child = require('node-pty').spawn('sh', ['-c', 'echo on a $(test -t 0 && echo terminal)'], {});
    let text = '';
    child.onData((data) => { text += data; });
    child.onExit(() => setTimeout(() => process.stdout.write(text), 50));`;
  const cwd = path.join(prefix, 'lib/node_modules/vpn-monitor');
  const said = execFileSync('node', ['--input-type=commonjs', '-e', script], {
    cwd,
    env: toolsOnly,
    encoding: 'utf8',
  });
  expect(said).toBe('on a terminal\r\n');
});

const locked: Record<string, { dev?: boolean; hasInstallScript?: boolean; integrity?: string }> = JSON.parse(
  readFileSync('package-lock.json', 'utf8'),
).packages;

test('no other dependency of the program has an install script', () => {
  const scripted = Object.entries(locked).filter(([, entry]) => !entry.dev && entry.hasInstallScript);
  expect(scripted.map(([name]) => name)).toEqual(['node_modules/node-pty']);
});

test('the lock file fixes every package by its checksum and names no registry', () => {
  const unfixed = Object.entries(locked).filter(([name, entry]) => name !== '' && !entry.integrity);
  expect(unfixed).toEqual([]);
  expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved"/);
});

test('docs/dependencies.md names every dependency with its version', () => {
  const rows = readFileSync('docs/dependencies.md', 'utf8').matchAll(/^\| (\S+) \| (\d\S+) \|/gm);
  const named = Object.fromEntries([...rows].map(([, name, exact]) => [name, exact]));
  expect(named).toEqual({ ...manifest.dependencies, ...manifest.devDependencies });
});
