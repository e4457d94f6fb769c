import type fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The scripts and the style that the page contains: it fetches nothing. */
export interface Assets {
  /** uPlot, which defines the global `uPlot`. */
  readonly library: string;
  readonly libraryStyle: string;
  /** The page's own script, which runs after the library. */
  readonly script: string;
}

/** The modules of the page, each after those that it imports. Those outside of browser/ also run in Node. */
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
  'report/browser/start-page.js',
];

/** Reads the assets. Throws the system's error. */
export function readAssets(files: typeof fs): Assets {
  const library = createRequire(import.meta.url);
  const text = (name: string) => files.readFileSync(library.resolve(name), 'utf8');
  return {
    library: text('uplot/dist/uPlot.iife.min.js'),
    libraryStyle: text('uplot/dist/uPlot.min.css'),
    script: readScript(files, MODULES),
  };
}

/**
 * Returns modules, each after those that it imports, as one script. Their names begin in the built folder. Throws the system's error.
 */
export function readScript(files: typeof fs, names: readonly string[]): string {
  // A page runs the built modules, also when this file runs from src.
  const built = new URL('../../dist/', import.meta.url);
  const modules = names.map((name) =>
    inOneScript(name, files.readFileSync(fileURLToPath(new URL(name, built)), 'utf8')),
  );
  return `(() => {\n'use strict';\nconst modules = {};\n${modules.join('\n')}\n})();`;
}

/**
 * Returns a module as a part of one script: its exports become a property of `modules`, and its imports read from there. Supports
 * only what the compiler writes for the {@link MODULES}, and throws for other imports and exports. A bundler would be a dependency
 * for this alone.
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
    throw new Error(`${name} has an import or export that is not supported`);
  return `modules['${name}'] = (() => {\n${body.trim()}\nreturn { ${exported.join(', ')} };\n})();`;
}
