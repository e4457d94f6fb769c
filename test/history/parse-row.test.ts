import { describe, expect, test } from 'vitest';
import { parseRow } from '../../src/history/parse-row.ts';
import { rowTimeReader } from '../../src/history/row-time.ts';

const reader = () => ({ readTime: rowTimeReader(), nameOf: (name: string) => name });
const parse = (line: string) => parseRow(line, reader(), null);
const TIME = 'Wed Nov 14 00:03:40 2018';

describe('a plain row and the same row with quotes are read alike', () => {
  test.each([
    ['SUCCESS', '5.213', '10529.671', '436.733'],
    ['FAILURE', 'TIMEOUT', 'ERROR', '5.25'],
    ['FAILURE', '5.1', '7.3', '9.7'],
    ['SUCCESS', '0.1', 'ERROR', '0'],
    ['SUCCESS', '007', '0.30', '123456789.012345'],
    ['SUCCESS', '9007199254740993', '0.12345678901234567', '1'],
    ['SUCCESS', '5.', '1', '2'],
    ['SUCCESS', '.5', '1', '2'],
    ['SUCCESS', '1.2.3', '1', '2'],
    ['SUCCESS', '', '1', '2'],
    ['SUCCESS', '1', '2'],
    ['SUCCESS', '1', '2', '3', '4'],
    ['SUCCESS', '-1', '1e3', 'Infinity'],
    ['SUCCESS ', '1', '2', '3'],
    ['OTHER', '1', '2', '3'],
  ])('%s,%s,%s,%s', (...fields) => {
    const rest = fields.join(',');
    expect(parse(`${TIME},oslo,${rest}`)).toEqual(parse(`${TIME},"oslo",${rest}`));
  });
});

test.each([
  [`${TIME},oslo,SUCCESS,0.3,1500.001,12`, { stages: [0.3, 1500.001, 12], failed: false }],
  [`${TIME},oslo,FAILURE,5.213,ERROR,TIMEOUT`, { stages: [5.213, 'ERROR', 'TIMEOUT'], failed: true }],
])('%s', (line, row) => {
  expect(parse(line)).toMatchObject({ row: { site: 'oslo', ...row } });
});

test.each([`${TIME},,SUCCESS,1,2,3`, 'Thu Nov 14 00:03:40 2018,oslo,SUCCESS,1,2,3', `${TIME},oslo`, ''])(
  'no row: %s',
  (line) => {
    expect(parse(line)).toBeNull();
  },
);
