import { describe, expect, test } from 'vitest';
import { parseRange, stepFor } from './range.ts';
import { formatRoute, localLink, parseRoute } from './route.ts';
import { distinguish, groupLines, newest } from './series.ts';

describe('the address', () => {
  test('is read and written without loss, also for ids with slashes', () => {
    const hash = formatRoute(['endpoints', 'api:/rdkit/properties'], new URLSearchParams({ range: '6h', q: '' }));
    expect(hash).toBe('#/endpoints/api:%2Frdkit%2Fproperties?range=6h');
    expect(parseRoute(hash).path).toEqual(['endpoints', 'api:/rdkit/properties']);
  });

  test('takes links in every form that the API writes', () => {
    expect(localLink('/monitoring/alerts/1')).toBe('#/alerts/1');
    expect(localLink('#/errors/2')).toBe('#/errors/2');
    expect(localLink('/monitoring/databases?check=database%3Apooler')).toBe('#/databases?check=database:pooler');
  });

  test('names a range, or falls back when it makes no sense', () => {
    expect(parseRange(new URLSearchParams('range=24h'))).toMatchObject({ kind: 'last', ms: 86_400_000 });
    expect(parseRange(new URLSearchParams('from=1000&to=2000000'))).toEqual({
      kind: 'fixed',
      from: 1000,
      to: 2_000_000,
    });
    expect(parseRange(new URLSearchParams('from=9&to=1&range=x'))).toMatchObject({ kind: 'last', id: '1h' });
    expect([stepFor(900_000), stepFor(2_592_000_000)]).toEqual([5000, 14_400_000]);
  });
});

describe('series', () => {
  test('are told apart by what differs, without what they share', () => {
    expect(
      distinguish([
        { check: 'database:pooler', component: 'database' },
        { check: 'database:ip', component: 'database' },
      ]),
    ).toEqual(['pooler', 'ip']);
  });

  test('of one metric and the same labels are asked for once', () => {
    const groups = groupLines(
      ['p50', 'p99'].map((aggregate) => ({ label: aggregate, metric: 'm', labels: { a: 'b' }, aggregate })),
    );
    expect(groups.map(({ query }) => query)).toEqual(['name=m&match=a%3Db&aggregate=p50%2Cp99']);
  });

  test('that ended have no number now', () => {
    const line = { label: '', at: [0, 10_000, 20_000], values: [1, 2, 3] };
    expect(newest(line, 60_000)).toBe(3);
    expect(newest(line, 600_000)).toBeNull();
  });
});
