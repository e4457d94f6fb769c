import fs from 'node:fs';
import path from 'node:path';
import { PROFILES } from '../../src/clients/built-in.ts';
import { type LoadResult, loadConfig } from '../../src/config/load.ts';

/** The folder of a config that is loaded from memory. */
const FOLDER = '/nowhere';

/** Loads a config, and what it names in its own folder, from memory: a thousand of them in a second. */
export function loadFromMemory(
  config: string | Uint8Array,
  {
    files = {},
    env = {},
  }: { files?: Readonly<Record<string, string>>; env?: Readonly<Record<string, string>> } = {},
): LoadResult {
  const all = new Map<string, Uint8Array>([[`${FOLDER}/config.yml`, Buffer.from(config as string)]]);
  for (const [name, text] of Object.entries(files)) all.set(path.join(FOLDER, name), Buffer.from(text));
  const opened: { readonly bytes: Uint8Array; at: number }[] = [];
  const missing = () => Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  const stat = (bytes: Uint8Array) => ({ isFile: () => true, mode: 0o100600, size: bytes.length });
  const fake = {
    ...fs,
    openSync: (file: string) => {
      const bytes = all.get(file);
      if (bytes === undefined) throw missing();
      return opened.push({ bytes, at: 0 }) - 1;
    },
    fstatSync: (fd: number) => stat(opened[fd]?.bytes ?? new Uint8Array()),
    statSync: (file: string) => stat(all.get(file) ?? fail(missing())),
    accessSync: () => undefined,
    readSync: (fd: number, buffer: Uint8Array, offset: number, length: number) => {
      const file = opened[fd] ?? fail(missing());
      const part = file.bytes.subarray(file.at, file.at + length);
      buffer.set(part, offset);
      file.at += part.length;
      return part.length;
    },
    closeSync: () => undefined,
    // All that the loader calls.
  } as unknown as typeof fs;
  return loadConfig(`${FOLDER}/config.yml`, { files: fake, env, clients: PROFILES });
}

function fail(error: Error): never {
  throw error;
}
