import { expect, test } from 'vitest';
import { silentLog } from '../model/log.ts';
import { createStopList } from './stop-list.ts';

test('ends parts in reverse order, once, and goes on after a part that fails', async () => {
  const ended: string[] = [];
  const complaints: string[] = [];
  const stops = createStopList({ ...silentLog, error: (_details, message) => void complaints.push(message) });
  stops.add('store', () => void ended.push('store'));
  stops.add('checks', () => {
    throw new Error('stuck');
  });
  stops.add('server', async () => void ended.push('server'));
  await Promise.all([stops.unwind(), stops.unwind()]);
  expect(ended).toEqual(['server', 'store']);
  expect(complaints).toEqual(['checks did not stop in order']);
});
