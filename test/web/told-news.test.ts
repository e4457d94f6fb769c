import { expect, test } from 'vitest';
import type { PageNews } from '../../src/web/page-news.ts';
import { ToldNews } from '../../src/web/told-news.ts';

const idle: PageNews = { kind: 'idle', next: 5 };
const step = (site: string): PageNews => ({ kind: 'step', site, words: 'log in', login: true });
const finished = (site: string, transcript: string | null): PageNews => ({
  kind: 'finished',
  site,
  transcript,
});

test.each<[string, readonly PageNews[], readonly PageNews[]]>([
  ['nothing', [], []],
  ['the next cycle', [{ kind: 'cycle' }, step('a'), finished('a', null), idle], [idle]],
  ['the running step', [idle, { kind: 'cycle' }, step('a')], [{ kind: 'cycle' }, step('a')]],
  [
    'the last words of each site, also of an earlier cycle',
    [finished('a', 'first'), finished('b', 'x'), finished('a', 'second'), finished('a', null), idle],
    [finished('a', 'second'), finished('b', 'x'), idle],
  ],
  ['no site of an earlier config', [finished('gone', 'x'), idle], [idle]],
])('after a restart the page is told %s', (_, told, again) => {
  const news = new ToldNews();
  for (const each of told) news.add(each);
  expect(news.all(['a', 'b'])).toEqual(again);
});
