import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What coverage does not count, each with its reason; `npm test` prints the list. */
const leftOut: Record<string, string> = {
  'src/main.ts': 'runs only as a program of its own, built: test/e2e does that',
  'src/report/browser/*.ts': 'run in a browser, built: test/real/e2e/report.test.ts does that',
  'src/web/browser/*.ts': 'run in a browser, built: test/real/e2e/page.test.ts does that',
  'src/web/page-program.ts':
    'runs only as a program of its own, built: test/web/page-process.test.ts does that',
  'src/web/{page-routes,live-status,report-maker}.ts':
    'run only in that program, for a browser: test/real/e2e/page.test.ts does that',
  'src/targets/target-program.ts':
    'runs only as a program of its own, built: test/real/e2e/inside.test.ts does that',
  'src/demo/simulated-client.ts':
    'runs only as a program of its own, on a terminal: test/e2e/demo.test.ts does that',
};

/** The tests of `npm run test:real`; all others are those of `npm test`. test/groups.test.ts finds a file in the wrong group. */
const REAL = 'test/real/**/*.test.ts';

/** The files that take minutes, most of them waiting. The largest file comes first otherwise, and these would be left for the end. */
const LONGEST = /test\/(?:bench\/soak|faults\/faults|real\/faults\/faults-in-cells)\.test\.ts$/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: ['test/**/*.test.ts'],
          exclude: [REAL],
          // A new process for each file would load the program anew 160 times: a fifth of the group's processor time.
          isolate: false,
        },
      },
      // Real services and gateways on a busy machine with two processors were seen to need four minutes.
      {
        extends: true,
        test: {
          name: 'real',
          include: [REAL],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          env: { TEST_WAIT_SECONDS: '200' },
        },
      },
    ],
    // It would lie in node_modules, which runs at the same time share.
    cache: false,
    sequence: { sequencer: LongestFirst },
    // For what hangs. A machine that is busy was seen to need a minute for a property test that takes 10 s alone.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Most tests wait for real processes most of their time; four at most, since their deadlines are real time too.
    pool: 'forks',
    maxWorkers: Math.min(4, 2 * availableParallelism()),
    reporters: ['default', ['./scripts/closing-line-reporter.mjs', { leftOut }]],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: Object.keys(leftOut),
      reporter: ['text', 'json-summary'],
      reportOnFailure: true,
      // 90 % of lines and branches is what the project promises; the other two follow from them.
      thresholds: { lines: 90, branches: 90, statements: 90, functions: 90 },
    },
  },
});
