import { expect, test } from 'vitest';
import { Catalog } from './catalog.ts';

const budget = { series: 5000, seriesPerMetric: 3000, valuesPerLabel: 1000 };

test('a million different values of a label make no more series than its budget, and all others are counted', {
  timeout: 60_000,
}, () => {
  const catalog = new Catalog(budget);
  let made = 0;
  catalog.onNew = () => made++;
  let other = -1;
  for (let i = 0; i < 1_000_000; i++)
    other = catalog.resolve('requests', { method: 'GET', url: `/item/${i}` }, 'counter');
  expect(made).toBe(1001);
  expect(catalog.size).toBe(1001);
  expect(catalog.get(other)!.labels).toEqual({ method: 'GET', url: 'other' });
  expect(catalog.overflow()).toEqual([{ metric: 'requests', label: 'url', folded: 999_000 }]);
});

test('values that had room before the flood keep their own series', () => {
  const catalog = new Catalog(budget);
  const first = catalog.resolve('requests', { url: '/first' }, 'counter');
  for (let i = 0; i < 5000; i++) catalog.resolve('requests', { url: `/item/${i}` }, 'counter');
  expect(catalog.resolve('requests', { url: '/first' }, 'counter')).toBe(first);
  expect(catalog.overflow()[0]!.folded).toBe(5000 - 999);
});

test('combinations of few values that are too many together share one series', () => {
  const catalog = new Catalog(budget);
  for (let a = 0; a < 100; a++)
    for (let b = 0; b < 100; b++) catalog.resolve('pairs', { a: `${a}`, b: `${b}` }, 'gauge');
  expect(catalog.size).toBe(3001);
  expect(catalog.overflow().map(({ label, folded }) => [label, folded])).toEqual([
    ['a', 7000],
    ['b', 7000],
  ]);
});

test('a flood of metrics is refused past a tenth more than the budget, and counted', () => {
  const catalog = new Catalog(budget);
  let refused = 0;
  for (let i = 0; i < 20_000; i++) if (catalog.resolve(`metric_${i}`, { a: '1' }, 'gauge') < 0) refused++;
  expect(catalog.size).toBe(5510);
  expect(refused).toBe(20_000 - 5510);
  expect(catalog.refused).toBe(refused);
});
