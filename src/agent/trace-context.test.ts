import { expect, test } from 'vitest';
import { readTraceparent, readTracestate, writeTraceparent } from './trace-context.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

test.each([
  [`00-${trace}-${span}-01`, true],
  [` \t00-${trace}-${span}-00 `, true],
  [`01-${trace}-${span}-01`, true],
  [`01-${trace}-${span}-01-more`, true],
  [`01-${trace}-${span}-01more`, false],
  [`00-${trace}-${span}-01-more`, false],
  [`ff-${trace}-${span}-01`, false],
  [`00-${trace.toUpperCase()}-${span}-01`, false],
  [`00-${'0'.repeat(32)}-${span}-01`, false],
  [`00-${trace}-${'0'.repeat(16)}-01`, false],
  [`00-${trace}-${span}-1`, false],
  [`00-${trace}-${span}`, false],
  [`00-${trace}-${span}-01, 00-${trace}-${span}-01`, false],
  [['00', '00'], false],
  [undefined, false],
])('reads traceparent %j: %s', (value, valid) => {
  expect(readTraceparent(value) !== undefined).toBe(valid);
});

test('keeps the two known flags and writes nothing else', () => {
  const parent = readTraceparent(`00-${trace}-${span}-ff`)!;
  expect(writeTraceparent(parent.traceId, span, parent.sampled, parent.random)).toBe(`00-${trace}-${span}-03`);
});

test.each([
  ['a=1,b=2', 'a=1,b=2'],
  [['a=1', 'b=2'], 'a=1,b=2'],
  [' a=1 ,\t, b=2', 'a=1,b=2'],
  ['a=1,a=2', 'a=1'],
  ['a@b@c=1', 'a@b@c=1'],
  ['A=1', ''],
  ['a=1,=2', ''],
  ['a=b=c', ''],
  [Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(','), ''],
  [undefined, ''],
])('reads tracestate %j', (value, text) => {
  expect(readTracestate(value)).toBe(text);
});
