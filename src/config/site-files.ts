import type fs from 'node:fs';
import type { SiteKey } from '../clients/profile.ts';
import { readSmallFile } from '../files/small-file.ts';
import type { Config, SiteConfig } from './config.ts';

/** More than the size of any site's file, in bytes. */
const MAX_BYTES = 1024 * 1024;

/** A file that the client of a site reads. */
export interface SiteFile {
  readonly site: SiteConfig;
  /** The site's key that names it. */
  readonly key: string;
  readonly kind: SiteKey;
  /** Its path. */
  readonly name: string;
  readonly text: string;
}

/** The files that the clients of enabled sites read, such as the profiles of OpenVPN. Those that can't be read are left out. */
export function siteFiles({ sites }: Pick<Config, 'sites'>, files: typeof fs): readonly SiteFile[] {
  return sites
    .filter(({ enabled }) => enabled)
    .flatMap((site) =>
      Object.entries(site.client.keys).flatMap(([key, kind]): SiteFile[] => {
        const name = site.clientKeys.get(key);
        if (!kind.file || name === undefined) return [];
        const file = readSmallFile(files, name, MAX_BYTES);
        return file.ok ? [{ site, key, kind, name, text: file.value.text }] : [];
      }),
    );
}
