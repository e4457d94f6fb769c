import fs from 'node:fs';
import { expect, test } from 'vitest';
import { inOneScript, readAssets } from '../../src/report/assets.ts';

test('modules become one script, each with a scope of its own, its exports and its imports', () => {
  const one = inOneScript(
    'a/one.js',
    'const hidden = 1;\nexport const seen = 2;\nexport function twice(n) {\n    return n * seen;\n}\nexport {};\n',
  );
  const two = inOneScript(
    'a/b/two.js',
    "import { seen, twice } from '../one.js';\nconst hidden = 3;\nexport const all = [seen, twice(hidden)];\n",
  );
  const run = new Function(`const modules = {};\n${one}\n${two}\nreturn modules['a/b/two.js'].all;`);
  expect(run()).toEqual([2, 6]);
});

test.each([
  "import * as all from './x.js';",
  "import all from './x.js';",
  'export default 1;',
  'export class A {}',
  "export * from './x.js';",
])('throws for an import or export that it does not support: %s', (line) => {
  expect(() => inOneScript('a.js', `${line}\n`)).toThrow(
    'a.js has an import or export that is not supported',
  );
});

test('the scripts of the page import nothing', () => {
  const { library, libraryStyle, script } = readAssets(fs);
  expect(library).toContain('var uPlot=');
  expect(libraryStyle).toContain('.uplot');
  expect(script).not.toMatch(/^\s*(import|export)\b/m);
  // None of them can end its element.
  expect(library + libraryStyle + script).not.toMatch(/<\/(script|style)|<!--/i);
  // Each module that is used exists.
  const made = [...script.matchAll(/^modules\['([^']+)'\] = /gm)].map(([, name]) => name);
  for (const [, used] of script.matchAll(/ = modules\['([^']+)'\];/g)) expect(made).toContain(used);
});
