// Two runs side by side: which exchange is which.
import { expect, test } from '@playwright/test';
import { align, apart } from '../../src/align';
import { items, rowsOf } from '../../src/model';
import { flow, runs } from '../flow';

test('runs are aligned by who asks whom for what; the one that ended early has nothing to show', () => {
  const both = runs(flow(false), flow(true));
  const [a, b] = [1, 2].map((run) => rowsOf(items(both.filter((e) => e.run === run))));
  const pairs = align(a!, b!);
  expect(pairs).toHaveLength(11);
  expect(pairs.filter((p) => p.same)).toHaveLength(9);
  expect(pairs[9]).toMatchObject({ same: false, a: { n: 10 }, b: { n: 10 } });
  expect(pairs[10]).toMatchObject({ same: false, a: { n: 11 } });
  expect(pairs[10]!.b).toBeUndefined();
});

test('what only one run did lies between what both did', () => {
  const all = rowsOf(items(flow()));
  const pairs = align(all, all.filter((r) => r.n !== 4));
  expect(pairs.map((p) => [p.a?.n, p.b?.n]).slice(2, 5)).toEqual([[3, 3], [4, undefined], [5, 5]]);
});

test('checks that came out alike are counted, the others stay', () => {
  const check = (id: string, outcome: string, mode = 'enforce') => ({ check: id, spec: '', mode, outcome });
  expect(apart([check('a', 'pass'), check('b', 'fail', 'observe')], [check('a', 'pass'), check('b', 'fail')])).toEqual({ equal: 1, own: [check('b', 'fail', 'observe')] });
});
