import type fs from 'node:fs';
import { readSmallFile } from '../files/small-file.ts';
import { printableLine } from '../words/printable.ts';
import type { Config, SiteConfig } from './config.ts';
import type { Remark } from './unchecked-sites.ts';

/** More than the size of any site's file. */
const MAX_BYTES = 1024 * 1024;

/** The lines in the files of enabled sites that keep the client from being watched. A file that can't be read has none. */
export function unwatchedSites({ sites }: Pick<Config, 'sites'>, files: typeof fs): readonly Remark[] {
  return sites
    .filter(({ enabled }) => enabled)
    .flatMap((site) =>
      Object.entries(site.client.keys).flatMap(([key, { unwatched }]) =>
        unwatched === undefined ? [] : linesOf(site, key, unwatched, files),
      ),
    );
}

function linesOf(site: SiteConfig, key: string, unwatched: RegExp, files: typeof fs): Remark[] {
  const name = site.clientKeys.get(key) ?? '';
  const file = readSmallFile(files, name, MAX_BYTES);
  if (!file.ok) return [];
  const { text } = file.value;
  return [...text.matchAll(unwatched)].map(({ index, 1: line = '' }) => {
    const number = text.slice(0, index).split('\n').length;
    return {
      words: `sites.${site.name}: ${name}:${number} keeps ${site.client.name} from being watched: ${printableLine(line)}`,
      remedy: 'remove the line from a copy of the file for the monitor, which runs the client itself',
    };
  });
}
