import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTexts } from '../support/connect-tunnel.ts';

const SOURCES: Readonly<Record<string, string>> = { script: 'start script' };

test('docs/connect-tunnel.md lists the texts of the stand-in with their sources', () => {
  const page = readFileSync('docs/connect-tunnel.md', 'utf8');
  const [, table = ''] = page.split('| text | source |\n|---|---|\n');
  const rows = readTexts().map(
    ({ text, source }) => `| \`${text.replaceAll('|', '\\|')}\` | ${SOURCES[source] ?? source} |`,
  );
  expect(table.trimEnd().split('\n')).toEqual(rows);
});
