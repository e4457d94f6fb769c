/**
 * How often fast-check tries a property; CASES in the environment says another number. It begins with another seed each
 * time. A failure prints the seed, the path to the smallest case that fails and that case: with `{ ...CASES, seed, path }`
 * the same case is tried again.
 */
export const CASES = { numRuns: Number(process.env['CASES'] ?? 1000) };
