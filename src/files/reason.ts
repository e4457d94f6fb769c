import { getSystemErrorMap } from 'node:util';

/** What went wrong, for people: `no space left on device (ENOSPC)` for an error of the system, else the error's message. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, errno } = error as NodeJS.ErrnoException;
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return words === undefined || code === undefined ? error.message : `${words} (${code})`;
}
