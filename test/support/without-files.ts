import { closeSync, openSync } from 'node:fs';

/** What `action` comes to while this process can open no file; `undefined` where it may open too many for that. */
export async function withoutFiles<T>(action: () => T | Promise<T>): Promise<T | undefined> {
  const held: number[] = [];
  try {
    while (held.length < 100_000) held.push(openSync('/dev/null', 'r'));
    return undefined;
  } catch {
    return await action();
  } finally {
    for (const file of held) closeSync(file);
  }
}
