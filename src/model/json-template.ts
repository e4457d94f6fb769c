/** A value of a JSON document. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a template may contain in braces; docs/channels.md says what each stands for. */
export const PLACEHOLDERS = [
  'subject',
  'text',
  'event',
  'state',
  'action',
  'severity',
  'site',
  'cause',
  'incident',
  'since',
  'time',
  'key',
  'host',
  'token',
] as const;

/** One of {@link PLACEHOLDERS}. */
export type Placeholder = (typeof PLACEHOLDERS)[number];

const IN_BRACES = /\{([a-z_]+)\}/g;

/** All words in braces in the texts of a template. */
export function placeholdersIn(template: Json): readonly string[] {
  if (typeof template === 'string') return [...template.matchAll(IN_BRACES)].map(([, word = '']) => word);
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap(placeholdersIn);
}

/** Returns a template with its placeholders replaced. What replaces them is not searched for placeholders. */
export function fillIn(template: Json, values: Readonly<Record<Placeholder, string>>): Json {
  if (typeof template === 'string') {
    return template.replace(IN_BRACES, (braces, word: string) => {
      const known = PLACEHOLDERS.find((placeholder) => placeholder === word);
      return known === undefined ? braces : values[known];
    });
  }
  if (typeof template !== 'object' || template === null) return template;
  if (isList(template)) return template.map((item) => fillIn(item, values));
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillIn(value, values)]));
}

function isList(value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] {
  return Array.isArray(value);
}
