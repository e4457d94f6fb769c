import { spawnSync } from 'node:child_process';
import { PATH } from './paths.ts';

const FIND = 'for name do command -v "$name" >/dev/null || echo "$name"; done';

/** Why a test that needs these programs can't run here, with the command to type; `undefined` if they are all there. */
export function missingPrograms(names: readonly string[]): string | undefined {
  // An ordinary user's PATH may lack where a system's programs are.
  const env = { PATH: `${process.env['PATH'] ?? ''}:${PATH}` };
  const missing = spawnSync('sh', ['-c', FIND, 'sh', ...names], { env, encoding: 'utf8' }).stdout.trim();
  if (missing === '') return undefined;
  return needs(missing.replaceAll('\n', ', '));
}

/** Says that a test needs `what`, which is not here, with the command to type. */
export function needs(what: string): string {
  return `needs ${what}: type \`node scripts/test-packages.mjs\` as root, which installs what is missing and starts no service`;
}
