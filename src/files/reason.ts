import { getSystemErrorMap } from 'node:util';

/** Returns the reason of an error in words: `no space left on device (ENOSPC)` for a system error, else its message. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, errno } = error as NodeJS.ErrnoException;
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return words === undefined || code === undefined ? error.message : `${words} (${code})`;
}
