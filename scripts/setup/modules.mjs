import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { indent, run, SetupError, say } from './say.mjs';

/**
 * What keeps node_modules from being what package-lock.json says; undefined if nothing does. Asks npm's own record
 * (written last, so an interrupted install has none) and not a stamp of ours: an install by hand counts too.
 */
export function modulesFault() {
  const lock = packagesIn('package-lock.json');
  if (!lock)
    throw new SetupError(
      'package-lock.json is missing or damaged: restore it with `git checkout package-lock.json`',
    );
  const record = packagesIn('node_modules/.package-lock.json');
  if (!record) return 'the node modules are missing';
  for (const [folder, wanted] of Object.entries(lock)) {
    if (folder === '' || !isForThisHost(wanted)) continue;
    const found = record[folder];
    if (found?.integrity !== wanted.integrity || !existsSync(path.join(folder, 'package.json'))) {
      return `${folder} is not the one of package-lock.json`;
    }
  }
  return undefined;
}

/** Installs what package-lock.json says. */
export function installModules(fault) {
  if (lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink()) {
    // npm ci empties what a link leads to, and installs nothing there.
    throw new SetupError(
      `${fault}, and node_modules is a link: run the set-up where it leads to, or remove the link`,
    );
  }
  say(`${fault}: installing (npm ci)`);
  let result = npmCi();
  if (!result.good && /EACCES|EPERM|EROFS|ENOENT|EINTEGRITY/.test(result.output)) {
    // Often npm's cache: damaged, root's after a `sudo npm`, or in a home folder that does not exist.
    const cache = mkdtempSync(path.join(tmpdir(), 'vpn-monitor-npm-'));
    say('npm ci failed: once more with an empty cache');
    result = npmCi('--cache', cache);
    rmSync(cache, { recursive: true, force: true });
  }
  if (!result.good) {
    throw new SetupError(
      `npm ci failed (${result.end}):\n${npmsWords(result.output)}\n${remedy(result.output)}`,
    );
  }
  const still = modulesFault();
  if (still !== undefined) {
    throw new SetupError(`npm ci ended well, but ${still}: remove node_modules and try again`);
  }
}

function npmCi(...more) {
  // No dependency needs its install script, so none gets to run; dev also where NODE_ENV=production would leave it out.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', ...more];
  const npm = process.env.npm_execpath ?? '';
  // The very npm that was typed, unless that was another package manager.
  return path.basename(npm) === 'npm-cli.js' ? run(process.execPath, [npm, ...args]) : run('npm', args);
}

// The first lines name the cause; npm's help and the path of its log follow.
function npmsWords(output) {
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line));
  return indent(lines.length > 0 ? lines.slice(0, 8) : output.trimEnd().split('\n').slice(-8));
}

function remedy(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(output)) {
    return 'See that the host reaches the npm registry (`npm ping`; behind a proxy: `npm config set https-proxy URL`), then try again.';
  }
  if (/\bE(ACCES|PERM|ROFS)\b/.test(output)) {
    return 'This user may not write there: see who owns this folder (`ls -ld . node_modules`), then try again.';
  }
  if (/ENOSPC/.test(output)) return 'The disk is full: make room (about 300 MB are needed), then try again.';
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(output)) {
    return "The registry's certificate is not trusted: name your company's with `npm config set cafile FILE`, then try again.";
  }
  if (/EUSAGE/.test(output))
    return 'package.json and package-lock.json disagree: run `npm install`, which mends the lock file.';
  if (/spawn npm|spawnSync npm/.test(output)) return 'npm was not found: install it beside Node.';
  return 'Try `npm ci` by hand to see all of its output.';
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

// Optional packages that name no system are helpers of builds for other systems: npm may leave them out.
function isForThisHost({ optional, os, cpu, libc }) {
  if (!optional) return true;
  if (!os && !cpu) return false;
  return (
    (!os || os.includes('linux')) && (!cpu || cpu.includes(process.arch)) && (!libc || libc.includes('glibc'))
  );
}
