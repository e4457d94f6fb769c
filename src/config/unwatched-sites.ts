import type fs from 'node:fs';
import { printableLine } from '../words/printable.ts';
import type { Config } from './config.ts';
import { siteFiles } from './site-files.ts';
import type { Remark } from './unchecked-sites.ts';

/** The lines in the files of enabled sites that keep the client from being watched. */
export function unwatchedSites(config: Pick<Config, 'sites'>, files: typeof fs): readonly Remark[] {
  return siteFiles(config, files).flatMap(({ site, kind, name, text }) => {
    if (kind.unwatched === undefined) return [];
    return [...text.matchAll(kind.unwatched)].map(({ index, 1: line = '' }) => {
      const number = text.slice(0, index).split('\n').length;
      return {
        words: `sites.${site.name}: ${name}:${number} keeps ${site.client.name} from being watched: ${printableLine(line)}`,
        remedy: 'remove the line from a copy of the file for the monitor, which runs the client itself',
        site: site.name,
      };
    });
  });
}
