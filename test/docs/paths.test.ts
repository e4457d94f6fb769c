import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/paths.ts';

const PAGES = ['README.md', 'CHANGELOG.md', 'docs', 'docs/decisions'].flatMap((place) =>
  place.endsWith('.md')
    ? [place]
    : fs
        .readdirSync(path.join(ROOT, place))
        .flatMap((name) => (name.endsWith('.md') ? `${place}/${name}` : [])),
);
/** A file of this repository as a page names it: with its folder, from the root or from src. */
const FILE = /(?<![\w./-])((?:[\w-]+\/)+[\w.-]+\.(?:ts|mjs|sh))(?![\w-])/g;

test.each(PAGES)('%s names no file that is not there', (page) => {
  const text = fs.readFileSync(path.join(ROOT, page), 'utf8');
  const named = [...text.matchAll(FILE)].map(([, file = '']) => file);
  const missing = named.filter(
    (file) => !['', 'src'].some((folder) => fs.existsSync(path.join(ROOT, folder, file))),
  );
  expect([...new Set(missing)]).toEqual([]);
});
