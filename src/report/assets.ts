import type fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What a page needs to draw its charts: no page fetches anything. */
export interface Assets {
  /** uPlot, which defines a global of that name. */
  readonly library: string;
  readonly libraryStyle: string;
  /** Our own, to be run after it. */
  readonly script: string;
}

/** The modules of the page, each after those that it imports. They run here and in the page, but those in browser/. */
const MODULES = [
  'words/numbers.js',
  'words/time.js',
  'model/test-result.js',
  'report/clock.js',
  'report/ticks.js',
  'report/outage-words.js',
  'report/browser/unpack.js',
  'report/browser/view.js',
  'report/browser/theme.js',
  'report/browser/marks.js',
  'report/browser/readout.js',
  'report/browser/charts.js',
  'report/browser/outage-table.js',
  'report/browser/main.js',
];

/** Reads them. Throws what the system says. */
export function readAssets(files: typeof fs): Assets {
  const library = createRequire(import.meta.url);
  const text = (file: string) => files.readFileSync(file, 'utf8');
  // The built modules, also when this one runs from its source.
  const built = new URL('../../dist/', import.meta.url);
  const modules = MODULES.map((name) => inOneScript(name, text(fileURLToPath(new URL(name, built)))));
  return {
    library: text(library.resolve('uplot/dist/uPlot.iife.min.js')),
    libraryStyle: text(library.resolve('uplot/dist/uPlot.min.css')),
    script: `(() => {\n'use strict';\nconst modules = {};\n${modules.join('\n')}\n})();`,
  };
}

/**
 * A module as a part of one script: what it exports becomes a property of `modules`, and what it imports comes from there.
 * Enough for what the compiler makes of ours; a bundler would be a dependency for this alone.
 */
export function inOneScript(name: string, module: string): string {
  const exported: string[] = [];
  const body = module
    .replace(/^import \{([^}]*)\} from '([^']+)';$/gm, (_, names: string, from: string) => {
      const path = new URL(from, `file:///${name}`).pathname.slice(1);
      return `const {${names}} = modules['${path}'];`;
    })
    .replace(/^export (function|const) (\w+)/gm, (_, kind: string, exportedName: string) => {
      exported.push(exportedName);
      return `${kind} ${exportedName}`;
    })
    .replace(/^export \{\};$/gm, '');
  if (/^(import|export)\b/m.test(body))
    throw new Error(`${name} has an import or export that is not understood`);
  return `modules['${name}'] = (() => {\n${body.trim()}\nreturn { ${exported.join(', ')} };\n})();`;
}
