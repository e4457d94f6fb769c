import { expect, test } from 'vitest';
import { BySite } from '../../src/check/by-site.ts';
import { missing, ok, warning } from '../../src/check/finding.ts';

test('findings are ordered by site, and a site counts by the worst of its findings', () => {
  const sites = new BySite();
  sites.add('rome', ok('1'));
  expect(sites.summary()).toBeUndefined();
  sites.add('oslo', warning('2'));
  sites.add('rome', missing('3', 'so'));
  sites.add('bonn', ok('4'));
  sites.add('oslo', ok('5'));
  expect(sites.inOrder(['oslo', 'paris', 'rome', 'bonn']).map(({ words }) => words)).toEqual([
    '2',
    '5',
    '1',
    '3',
    '4',
  ]);
  expect(sites.summary()).toBe('3 sites: 1 ok, 1 with warnings, 1 with something missing');
});
