import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Runs the tests that leave a lab behind: end.test.ts starts them, `npm run test:real` does not. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['leaves.ts'],
    pool: 'forks',
    cache: false,
    testTimeout: 120_000,
  },
});
