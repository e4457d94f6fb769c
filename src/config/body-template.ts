import { type Json, PLACEHOLDERS, placeholdersIn } from '../model/json-template.ts';
import type { Reading } from './reading.ts';
import { didYouMean, type Path } from './yaml/problem.ts';
import type { Item, Node } from './yaml/tree.ts';

/** The most values that a template has, counting what aliases repeat. */
const MAX_VALUES = 1000;

/**
 * Reads a document of the user's own, with placeholders in its texts. Reports a problem with it.
 *
 * @returns `undefined` if it is wrong
 */
export function readTemplate(item: Item, path: Path, { report }: Reading): Json | undefined {
  const problem = (text: string) => {
    report({ at: item.at, path, text });
    return undefined;
  };
  if (item.value.kind === 'scalar') return problem('expected a mapping or a list');
  const budget = { left: MAX_VALUES };
  const template = jsonOf(item.value, budget);
  if (budget.left < 0) return problem(`expected at most ${MAX_VALUES} values`);
  const unknown = placeholdersIn(template).find((word) => !PLACEHOLDERS.some((known) => known === word));
  if (unknown === undefined) return template;
  return problem(
    `has a placeholder that is not known${didYouMean(unknown, PLACEHOLDERS)} (known are ${PLACEHOLDERS.join(', ')})`,
  );
}

/** The value of a node. An alias in a circle ends with the budget. */
function jsonOf(node: Node, budget: { left: number }): Json {
  budget.left -= 1;
  if (budget.left < 0) return null;
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'sequence') return node.items.map(({ value }) => jsonOf(value, budget));
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, jsonOf(value, budget)]));
}
