import { expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/progress.ts';
import { newsOf, type PageNews } from '../../src/web/page-news.ts';
import { ok, REJECTED, resultOf, SILENT } from '../support/results.ts';

const NOW = new Date(1_000_000);
const failedLogin = { ...resultOf('a', [ok(5), REJECTED, SILENT]), transcript: `${'x'.repeat(5000)}end` };
const failedPing = { ...resultOf('a', [ok(5), ok(900), SILENT]), transcript: 'all that was printed' };

test.each<[ProgressEvent, PageNews | null]>([
  [{ kind: 'cycle', number: 1 }, { kind: 'cycle' }],
  [
    { kind: 'cleaning', site: 'a' },
    { kind: 'step', site: 'a', words: 'checking the host', login: false },
  ],
  [
    { kind: 'stage', site: 'a', stage: 1 },
    { kind: 'step', site: 'a', words: 'ping outside', login: false },
  ],
  [
    { kind: 'stage', site: 'a', stage: 2 },
    { kind: 'step', site: 'a', words: 'log in', login: true },
  ],
  [
    { kind: 'logging-out', site: 'a' },
    { kind: 'step', site: 'a', words: 'logging out', login: false },
  ],
  [
    { kind: 'waiting-for-host', site: 'a', holder: 'pid 7\n' },
    { kind: 'step', site: 'a', words: 'waiting for pid 7', login: false },
  ],
  [
    { kind: 'waiting-for-code', site: 'a', seconds: 30 },
    { kind: 'step', site: 'a', words: 'waiting for a one-time code', login: false },
  ],
  [
    { kind: 'finished', result: resultOf('a') },
    { kind: 'finished', site: 'a', transcript: null },
  ],
  [
    { kind: 'finished', result: failedPing },
    { kind: 'finished', site: 'a', transcript: null },
  ],
  [
    { kind: 'finished', result: failedLogin },
    { kind: 'finished', site: 'a', transcript: `${'x'.repeat(3997)}end` },
  ],
  [
    { kind: 'idle', seconds: 60 },
    { kind: 'idle', next: 1_060_000 },
  ],
  [{ kind: 'end' }, null],
])('of %j the page hears %j', (event, news) => {
  expect(newsOf(event, NOW)).toEqual(news);
});
