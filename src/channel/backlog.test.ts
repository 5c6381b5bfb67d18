import { expect, test } from 'vitest';
import type { SignalBatch } from '../model/signal.ts';
import { Backlog } from './backlog.ts';

const source = { instance: 'a:1:b', service: 's', host: 'a', pid: 1, release: '', startedAt: 0, runtime: '' };
const batch = (sequence: number, parts: Partial<SignalBatch> = {}): SignalBatch => ({
  version: 1,
  source,
  sequence,
  at: sequence,
  ...parts,
});

test('keeps batches in order until they are delivered', () => {
  const backlog = new Backlog();
  for (let i = 0; i < 5; i++) backlog.add(batch(i));
  expect(backlog.delivered(2)).toBe(3);
  expect(backlog.all().map((one) => one.sequence)).toEqual([3, 4]);
});

test('is bounded, counts what it loses, and keeps orders and the newest state of jobs', () => {
  const backlog = new Backlog();
  const operation = {
    operation: 'x',
    category: 'other' as const,
    errors: 0,
    items: 0,
    bytes: 0,
    durations: new Uint8Array(1),
  };
  const run = (processedItems: number) => ({ id: 'run', name: 'job', processedItems }) as never;
  for (let i = 0; i < 1000; i++) {
    backlog.add(
      batch(i, {
        operations: [operation],
        progress: [run(i)],
        dropped: { spans: 1 },
        ...(i === 3 ? { silences: [{ alertType: 'x', durationSeconds: 60 }] } : {}),
      }),
    );
  }
  expect(backlog.size).toBe(120);
  expect(backlog.takeLost()).toEqual({ batches: 880, operations: 880 });
  expect(backlog.takeLost()).toEqual({});
  const oldest = backlog.at(0)!;
  expect(oldest.silences).toEqual([{ alertType: 'x', durationSeconds: 60 }]);
  expect(oldest.progress).toEqual([run(880)]);
  expect(oldest.dropped).toEqual({ spans: 881 });
  expect(oldest.sequence).toBe(880);
});
