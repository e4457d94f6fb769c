import { expect, test } from 'vitest';
import { fillIn, PLACEHOLDERS, type Placeholder, placeholdersIn } from '../../src/model/json-template.ts';

const VALUES = Object.fromEntries(PLACEHOLDERS.map((name) => [name, `<${name}>`])) as Record<
  Placeholder,
  string
>;

test('placeholders are replaced at every depth, and nothing else', () => {
  const template = {
    text: '{subject} and {site}',
    list: ['{key}', 1, true, null, { deep: '{host}' }],
    '{key}': '{unknown} {',
  };
  expect(fillIn(template, VALUES)).toEqual({
    text: '<subject> and <site>',
    list: ['<key>', 1, true, null, { deep: '<host>' }],
    '{key}': '{unknown} {',
  });
});

test('a value that looks like a placeholder stays as it is', () => {
  expect(fillIn('{subject}', { ...VALUES, subject: '{token} $& $1' })).toBe('{token} $& $1');
});

test('all words in braces are found', () => {
  expect(placeholdersIn({ a: ['{subject}{nope}', 5], b: { c: '{ key }{key}' } })).toEqual([
    'subject',
    'nope',
    'key',
  ]);
});
