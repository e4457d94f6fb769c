// Compiles src to dist. The whole folder is made anew, so that nothing of an older build is packed.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.json'], { stdio: 'inherit' });
chmodSync('dist/cli.js', 0o755);
