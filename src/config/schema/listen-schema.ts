import * as v from 'valibot';
import { failed, good } from '../../model/result.ts';
import { parseListen } from './address.ts';
import { MAX_LENGTH, parsed } from './parts-schema.ts';

/** An address and a port on which the monitor listens. `example` is one of them, for config.example.yml. */
export function listenAt(example: string) {
  const port = example.split(':').at(-1);
  const expected = `an address and a port such as ${example}, "[::1]:${port}", or :${port} for all addresses`;
  return v.pipe(
    // `9469` is a number, and in quotes it is still no address.
    v.string(expected),
    v.nonEmpty(expected),
    v.maxLength(MAX_LENGTH, `at most ${MAX_LENGTH} characters`),
    v.examples([example]),
    parsed((text) => {
      const address = parseListen(text);
      return address === undefined ? failed(expected) : good(address);
    }),
  );
}
