import { conditions, table } from './report.mjs';
import { slope } from './statistics.mjs';

const MB = 2 ** 20;
const megabytes = (bytes) => `${(bytes / MB).toFixed(1)} MB`;
const plain = (count) => String(Math.round(count));

/**
 * What is looked at, and by how much it may grow over the second half of the tests, however many those are. Of a leak
 * the long run sees as little as 0.2 KB a test in the heap, a run of 500 tests 4 KB.
 */
const FIGURES = [
  { key: 'heap', what: 'heap in use after a collection, buffers too', most: MB, shown: megabytes },
  // Of what V8 has freed it keeps now more, now less.
  { key: 'rss', what: 'memory (RSS)', most: 8 * MB, shown: megabytes },
  // A mail may be on its way at one look and not at another: a connection.
  { key: 'files', what: 'open files', most: 1, shown: plain },
  { key: 'resources', what: 'timers and other handles', most: 1, shown: plain },
  { key: 'zombies', what: 'zombies', most: 0, shown: plain },
  {
    key: 'state',
    what: 'state, without waiting messages and flapping',
    most: 1024,
    shown: (bytes) => `${(bytes / 1024).toFixed(1)} KB`,
  },
];

/**
 * Whether all stayed flat. What grows is told by the median of the slopes between any two looks of the second half (Theil
 * and Sen): no single look decides, be it during a collection or in the middle of a test.
 *
 * @param {readonly Record<string, number>[]} samples each with `tests`, how many were done by then
 * @param {{ status: number | null; left: number }} end exit status, and how many of the client's processes were left
 */
export function judge(samples, { status, left }) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const span = half.at(-1).tests - half[0].tests;
  const figures = FIGURES.map(({ key, what, most, shown }) => {
    const values = half.map((sample) => sample[key]);
    const growth = span * slope(half.map(({ tests, [key]: y }) => ({ x: tests, y })));
    return {
      what,
      measured: `${shown(Math.min(...values))} to ${shown(Math.max(...values))}`,
      growth: growth > 0 ? shown(growth) : 'none',
      most: most === 0 ? 'none' : shown(most),
      // Less than one more of what is counted is chance.
      holds: shown === plain ? growth < most + 1 : growth <= most,
    };
  });
  const ended = { what: 'exit status at SIGTERM', measured: String(status), growth: '', most: '' };
  const rest = { what: "the client's processes left then", measured: plain(left), growth: '', most: '' };
  return [...figures, { ...ended, holds: status === 0 }, { ...rest, holds: left === 0 }];
}

/** @param {ReturnType<typeof judge>} figures */
export function asMarkdown(figures, { tests, looks, seconds }) {
  const rows = figures.map(({ what, measured, growth, most, holds }) => [
    what,
    measured,
    growth,
    most,
    holds ? 'yes' : '**no**',
  ]);
  const head = ['what', `in the second half of ${tests} tests`, 'growth', 'at most', 'flat'];
  return `${conditions()}; ${tests} tests and ${looks} looks in ${seconds} s.\n\n${table([head, ...rows])}`;
}
