import { expect, test } from 'vitest';
import { fingerprint, parameterize, parseStack } from './fingerprint.ts';

test.each([
  ['no row 17 in "molecules"', 'no row <n> in <text>'],
  ['user a.b@example.org at 10.0.0.7:5432', 'user <email> at <ip>'],
  ['GET https://x.example/y?z=1 took 350ms', 'GET <url> took <amount>'],
  ['trace 0af7651916cd43dd8448eb211c80319c', 'trace <hex>'],
  ['id 550e8400-e29b-41d4-a716-446655440000 at 2026-11-23T10:00:00.000Z', 'id <uuid> at <date>'],
  ['\n\nfirst line counts\nsecond 5', 'first line counts'],
])('%j becomes %j', (message, title) => {
  expect(parameterize(message)).toBe(title);
});

const stack = (line: number, folder = '/srv/app') =>
  `TypeError: x\n    at node_fn (node:internal/x:1:1)\n    at lib (${folder}/node_modules/pg/lib/client.js:5:5)\n    at async Importer.load (file://${folder}/src/rows.ts:${line}:5)`;

test('a deployment that moves lines or folders does not split a group', () => {
  const a = fingerprint({ type: 'TypeError', message: 'no row 1', stack: stack(10) });
  const b = fingerprint({ type: 'TypeError', message: 'no row 2', stack: stack(99, '/home/other') });
  expect(a.id).toBe(b.id);
  expect(a).toMatchObject({ culprit: 'Importer.load (src/rows.ts:10)', title: 'no row <n>' });
  expect(a.groupedBy).toContain('Importer.load in src/rows.ts');
});

test('another type, message or place is another group', () => {
  const base = { type: 'TypeError', message: 'no row', stack: stack(1) };
  const ids = [
    base,
    { ...base, type: 'RangeError' },
    { ...base, message: 'no column' },
    { ...base, stack: stack(1).replace('Importer.load', 'Importer.save') },
    { ...base, stack: '' },
  ].map((one) => fingerprint(one).id);
  expect(new Set(ids).size).toBe(5);
});

test('tells own code from packages and from Node', () => {
  expect(parseStack(stack(7)).map((frame) => [frame.functionName, frame.line, frame.inApp])).toEqual([
    ['node_fn', 1, false],
    ['lib', 5, false],
    ['Importer.load', 7, true],
  ]);
});
