import { createHash } from 'node:crypto';
import type fs from 'node:fs';
import path from 'node:path';

type Files = typeof fs;

/** Names of the log's files. The link `monitoring.log` points to `monitoring-YYYY.log` or `monitoring-YYYY.N.log`. */
export interface LogNames {
  /** `logging.log`. */
  readonly link: string;
  /** The beginning of the files' names. */
  readonly stem: string;
  /** `.log`, or empty. */
  readonly extension: string;
}

/** Returns the names for the log `link`. */
export function logNames(link: string): LogNames {
  const { name, ext } = path.parse(link);
  // file-stream-rotator uses the path of a log as a regular expression, and refuses some characters.
  const plain = (text: string) => text.replace(/[^\w.-]/gu, '_');
  return { link, stem: plain(name), extension: plain(ext) };
}

/** The log files among `entries` of a folder, oldest first. */
export function logFilesAmong(entries: readonly string[], { stem, extension }: LogNames): string[] {
  return entries
    .flatMap((entry) => {
      if (!entry.startsWith(`${stem}-`) || !entry.endsWith(extension)) return [];
      const middle = entry.slice(stem.length + 1, entry.length - extension.length);
      const [, year, count = '0'] = /^(\d{4})(?:\.(\d+))?$/.exec(middle) ?? [];
      return year === undefined ? [] : [{ entry, order: [Number(year), Number(count)] as const }];
    })
    .sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1])
    .map(({ entry }) => entry);
}

/**
 * Returns the list of log files in the format of file-stream-rotator, which uses it to continue the latest file and to delete the
 * oldest. The list is made from the folder at each opening: a full disk destroys the rotator's own copy, and with a wrong list
 * (damaged, missing, or from before the folder was moved) the rotator fills old files and deletes none.
 */
export function auditOf(folder: string, names: readonly string[], auditFile: string): string {
  const files = names.map((name, index) => {
    const file = path.join(folder, name);
    // The rotator deletes only files with its hash.
    return {
      date: index,
      name: file,
      hash: createHash('sha256').update(`${file}LOG_FILE${index}`).digest('hex'),
    };
  });
  return JSON.stringify({ keep: {}, auditLog: auditFile, files, hashType: 'sha256' });
}

/**
 * Points `dir/link` to `target`, atomically, so that it always points to a file. Renames a file in its place that is no link (the
 * script's log) to a free name, and returns that; otherwise returns `null`. Throws the system's error.
 */
export function pointLink(
  files: Files,
  dir: string,
  { link, stem, extension }: LogNames,
  target: string,
): string | null {
  const place = path.join(dir, link);
  const existing = files.lstatSync(place, { throwIfNoEntry: false });
  if (existing?.isSymbolicLink() && files.readlinkSync(place) === target) return null;
  let aside: string | null = null;
  if (existing !== undefined && !existing.isSymbolicLink()) {
    aside = freeName(files, dir, `${stem}-script`, extension);
    files.renameSync(place, path.join(dir, aside));
  }
  const made = path.join(dir, `.${stem}-link`);
  files.rmSync(made, { force: true });
  files.symlinkSync(target, made);
  files.renameSync(made, place);
  return aside;
}

function freeName(files: Files, dir: string, stem: string, extension: string): string {
  for (let count = 1; ; count++) {
    const name = `${stem}${count === 1 ? '' : `-${count}`}${extension}`;
    if (files.lstatSync(path.join(dir, name), { throwIfNoEntry: false }) === undefined) return name;
  }
}
