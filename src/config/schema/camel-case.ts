/** The name of a key in the program: `quit_timeout` becomes `quitTimeout`. */
type CamelKey<K> = K extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelKey<Tail>>}` : K;

/** A mapping of the config as the program has it: names in camelCase, the values unchanged. */
export type Camel<T> = { readonly [K in keyof T as CamelKey<K>]: T[K] };

/** Returns a mapping with its names in camelCase. Does not change the mappings in it. */
export function camelCase<T extends object>(mapping: T): Camel<T>;
export function camelCase(mapping: object): unknown {
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [
      key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
