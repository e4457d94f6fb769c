import { createHash } from 'node:crypto';
import type fs from 'node:fs';
import path from 'node:path';

type Files = typeof fs;

/** How the log's files are called: the link `monitoring.log` leads to `monitoring-YYYY.log` or `monitoring-YYYY.N.log`. */
export interface LogNames {
  /** `logging.log`. */
  readonly link: string;
  /** What the files' names begin with. */
  readonly stem: string;
  /** `.log`, or empty. */
  readonly extension: string;
}

/** The names that belong to the log `link`. */
export function logNames(link: string): LogNames {
  const { name, ext } = path.parse(link);
  // file-stream-rotator takes the path of a log for a regular expression, and some characters are refused.
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
 * The list of log files as file-stream-rotator keeps it: by it the rotator goes on with the latest file and deletes
 * the oldest. It is made from the folder at each opening: the rotator's own copy is lost on a full disk, and a
 * damaged or missing one (or one from before the folder was moved) would have it fill old files and delete none.
 */
export function auditOf(folder: string, names: readonly string[], auditFile: string): string {
  const files = names.map((name, index) => {
    const file = path.join(folder, name);
    // The rotator deletes only what bears its hash.
    return {
      date: index,
      name: file,
      hash: createHash('sha256').update(`${file}LOG_FILE${index}`).digest('hex'),
    };
  });
  return JSON.stringify({ keep: {}, auditLog: auditFile, files, hashType: 'sha256' });
}

/**
 * Makes `dir/link` lead to `target`, in one step, so that it always leads somewhere. What stands in its place and
 * is no link (the script's log) is renamed to a free name, which is returned; else `null`. Throws what the system says.
 */
export function pointLink(
  files: Files,
  dir: string,
  { link, stem, extension }: LogNames,
  target: string,
): string | null {
  const place = path.join(dir, link);
  const standing = files.lstatSync(place, { throwIfNoEntry: false });
  if (standing?.isSymbolicLink() && files.readlinkSync(place) === target) return null;
  let aside: string | null = null;
  if (standing !== undefined && !standing.isSymbolicLink()) {
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
