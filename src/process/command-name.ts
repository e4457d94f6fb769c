import path from 'node:path';
import { shellWord } from '../words/shell-word.ts';

/**
 * Returns how this program was started, to be typed again in the same folder: `vpn-monitor`, `npx vpn-monitor` or
 * `node dist/main.js`.
 *
 * @param script the path of the script, `process.argv[1]`
 * @param searchPath the environment's PATH
 */
export function commandName(script: string, searchPath: string | undefined, folder: string): string {
  const inBin = path.basename(script) === 'vpn-monitor' ? path.dirname(script) : undefined;
  // npx adds this folder to PATH, for its own child alone.
  if (inBin?.endsWith(path.join('node_modules', '.bin'))) return 'npx vpn-monitor';
  if (inBin !== undefined && (searchPath ?? '').split(':').includes(inBin)) return 'vpn-monitor';
  const relative = path.relative(folder, script);
  return `node ${shellWord(relative.startsWith('..') ? script : relative)}`;
}
