// Compiles src to dist. The whole folder is made anew, so that nothing of an older build is packed.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.json'], { stdio: 'inherit' });
execFileSync(process.execPath, ['scripts/schema.mjs'], { stdio: 'inherit' });
// Both are started by their own names: the command, and the demo's client.
for (const program of ['dist/main.js', 'dist/demo/client.js']) chmodSync(program, 0o755);
