import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mongoText, redisText, sqlShape, trustedShape } from './statement-shape.ts';

const shape = (sql: string, language: 'sql' | 'mysql' = 'sql') => sqlShape(sql, language).text;

describe('the shape of an SQL statement', () => {
  test.each([
    ['select * from users where id = 42', 'select * from users where id = ?'],
    ["insert into t values ('a', 1, null), ('b', 2, null)", 'insert into t values (?, ?, null)'],
    ['select 1.5e-3, -7 where a in (1, -2,3 , 4)', 'select ?, ? where a in (?)'],
    ['select * from t where x = -5 and y > - 3 limit 10', 'select * from t where x = ? and y > ? limit ?'],
    ['select a - 1, b -2 from t where c = ANY(ARRAY[1,2])', 'select a - ?, b -? from t where c = ANY(ARRAY[?])'],
    ['', ''],
  ])('of %s', (sql, expected) => {
    expect(shape(sql)).toBe(expected);
  });

  test('is the same for statements that differ in values, spaces, case of letters or length of lists', () => {
    const ids = [
      'select a from t where b in (1,2)',
      'SELECT a FROM t WHERE b IN ( 7 )',
      'SELECT a  FROM t where b in($1,$2,$3)',
    ];
    expect(new Set(ids.map((sql) => sqlShape(sql).id)).size).toBe(1);
    expect(sqlShape('select a from t').id).not.toBe(sqlShape('select b from t').id);
  });

  test('names operation and table', () => {
    expect(sqlShape('select a from public.molecules m join x on 1=1').summary).toBe('SELECT public.molecules');
    expect(sqlShape('INSERT INTO "mixtures" (a) VALUES (1)').summary).toBe('INSERT mixtures');
    expect(sqlShape('update only t set a=1').summary).toBe('UPDATE t');
    expect(sqlShape('begin').summary).toBe('BEGIN');
  });

  test('holds no value, whatever the value is, and comes back unchanged when read again', () => {
    const secret = fc.string({ unit: 'grapheme' }).map((text) => `sEcReT${text}`);
    fc.assert(
      fc.property(
        secret,
        fc.integer({ min: 10_000 }),
        fc.constantFrom('sql' as const, 'mysql' as const),
        (text, id, language) => {
          const literal = text.replaceAll("'", "''").replaceAll('\\', language === 'mysql' ? '\\\\' : '\\');
          const out = shape(
            `select * from t where a = '${literal}' and b = ${id} -- ${text.replaceAll(/[\r\n]/g, '')}`,
            language,
          );
          expect(out).toBe('select * from t where a = ? and b = ?');
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.string({ maxLength: 3000 }),
        fc.constantFrom('sql' as const, 'mysql' as const),
        (sql, language) => {
          const once = sqlShape(sql, language);
          expect(once.text.length).toBeLessThanOrEqual(1000);
          expect(trustedShape(once.text, language).text.length).toBeLessThanOrEqual(1000);
        },
      ),
    );
  });

  test('reads no more of a bulk insert than its beginning', () => {
    const sql = `insert into t (a, b) values ${Array.from({ length: 50_000 }, (_, i) => `(${i}, 'secret ${i}')`).join(', ')}`;
    expect(shape(sql)).toMatch(/^insert into t \(a, b\) values \(\?\)/);
    expect(shape(sql)).not.toContain('secret');
  });
});

describe('the shape of other commands', () => {
  test('of Redis is the command and the first word of the key', () => {
    expect(redisText('get', 'user:42:name')).toBe('GET user:*:*');
    expect(redisText('set', 'alice@example.com')).toBe('SET *');
    expect(redisText('auth', 'hunter2')).toBe('AUTH');
    expect(redisText('get', Buffer.from('x'))).toBe('GET *');
    expect(redisText('g e t', 'x')).toBe('UNKNOWN');
  });

  test('of MongoDB has the names of fields and no values', () => {
    const filter = {
      email: 'a@b.c',
      age: { $gt: 7 },
      $or: [{ a: 1 }, { b: 2 }],
      'items.42.price': 3,
      when: new Date(),
    };
    expect(mongoText('find', 'users', filter)).toBe(
      'find users {"email":?,"age":{"$gt":?},"$or":[{"a":?}],"items.?.price":?,"when":?}',
    );
    expect(mongoText('ping', 1, undefined)).toBe('ping');
  });
});
