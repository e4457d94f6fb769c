import type fs from 'node:fs';
import path from 'node:path';

/** A folder itself, or the nearest above it that is there: a check makes none, it might belong to the wrong user. */
export function existingPart(folder: string, files: typeof fs): string {
  return files.existsSync(folder) || folder === '/' ? folder : existingPart(path.dirname(folder), files);
}
