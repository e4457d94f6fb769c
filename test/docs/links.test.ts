import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCS = ['README.md', 'CHANGELOG.md', 'docs', 'contrib'].flatMap((name) => {
  const file = path.join(ROOT, name);
  if (!fs.statSync(file).isDirectory()) return [name];
  const below = fs.readdirSync(file, { recursive: true, encoding: 'utf8' });
  return below.filter((found) => found.endsWith('.md')).map((found) => path.join(name, found));
});

/** A heading's anchor, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

test.each(DOCS)('%s: what it links to is there', (name) => {
  const file = path.join(ROOT, name);
  const text = fs.readFileSync(file, 'utf8').replaceAll(/^```.*?^```$/gms, '');
  for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [target = '', anchor] = link.split('#');
    const linked = target === '' ? file : path.resolve(path.dirname(file), target);
    expect(fs.existsSync(linked), link).toBe(true);
    if (anchor === undefined) continue;
    const headings = [...fs.readFileSync(linked, 'utf8').matchAll(/^#+ (.*)$/gm)];
    expect(headings.map(([, heading = '']) => anchorOf(heading))).toContain(anchor);
  }
});
