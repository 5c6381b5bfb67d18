import { expect, test } from 'vitest';
import { createScratch } from './scratch.ts';

test('keeps what fits, over several chunks and growth', () => {
  const scratch = createScratch(300_000);
  for (let i = 0; i < 10; i++) scratch.append(Buffer.alloc(40_000, 65 + i));
  expect(scratch.view()).toHaveLength(300_000);
  expect(scratch.view().toString('latin1', 79_999, 80_001)).toBe('BC');
  expect(scratch.view().toString('latin1', 299_998)).toBe('HH');
  scratch.release();
});

test('two at a time never share memory, and one after another do', () => {
  const [a, b] = [createScratch(200_000), createScratch(200_000)];
  a.append(Buffer.alloc(150_000, 'a'));
  b.append(Buffer.alloc(150_000, 'b'));
  expect(a.view().includes('b')).toBe(false);
  const memory = a.view().buffer;
  a.release();
  const c = createScratch(200_000);
  c.append(Buffer.alloc(150_000, 'c'));
  expect(c.view().buffer).toBe(memory);
  expect(b.view().includes('c')).toBe(false);
  // The end of a body that comes after its check is over must not write into the next one's memory.
  a.append(Buffer.alloc(1000, 'x'));
  expect(c.view().includes('x')).toBe(false);
  b.release();
  c.release();
});

test('begins anew for the next answer', () => {
  const scratch = createScratch(100);
  scratch.append(Buffer.from('first'));
  scratch.clear();
  scratch.append(Buffer.from('second'));
  expect(scratch.view().toString()).toBe('second');
  expect(createScratch(100).view()).toHaveLength(0);
});
