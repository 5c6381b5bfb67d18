import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const prober = fileURLToPath(new URL('../../test/services/cut-off-prober.ts', import.meta.url));

/** A network namespace of its own has no interface that is up, like a laptop out of reach; nothing can leave it. */
test('a machine without any network draws no conclusion about its targets', async () => {
  const targets = {
    endpoints: ['http://192.0.2.1/far', 'http://far.example/named'],
    databases: ['redis://192.0.2.1:6379'],
  };
  const { stdout } = await promisify(execFile)('unshare', ['-n', process.execPath, prober, JSON.stringify(targets)]);
  const seen = JSON.parse(stdout) as Record<string, { status: string; reason: string; inconclusive: boolean }>;
  expect(Object.fromEntries(Object.entries(seen).map(([target, { inconclusive }]) => [target, inconclusive]))).toEqual({
    'http://192.0.2.1/far': true,
    'http://far.example/named': true,
    'redis://192.0.2.1:6379': true,
  });
});
