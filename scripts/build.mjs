// Compiles src to dist. The whole folder is made anew, so that nothing of an older build is packed, and takes its place
// when it is whole, so that what runs meanwhile finds one or the other.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';

const made = `dist.${process.pid}`;
const old = `dist.${process.pid}.old`;
try {
  // The program, and the part of the report that runs in a browser.
  const compiled = ['tsconfig.json', 'tsconfig.page.json'].every((project) => compile(project, made));
  if (compiled) {
    // Both are started by their own names: the command, and the demo's client.
    for (const program of ['main.js', 'demo/simulated-client.js']) chmodSync(`${made}/${program}`, 0o755);
    if (existsSync('dist')) renameSync('dist', old);
    renameSync(made, 'dist');
    process.exitCode = spawnSync(process.execPath, ['scripts/schema.mjs'], { stdio: 'inherit' }).status ?? 1;
  } else {
    process.exitCode = 1;
  }
} finally {
  for (const folder of [made, old]) rmSync(folder, { recursive: true, force: true });
}

function compile(project, folder) {
  const { status } = spawnSync('node_modules/.bin/tsc', ['-p', project, '--outDir', folder], {
    stdio: 'inherit',
  });
  return status === 0;
}
