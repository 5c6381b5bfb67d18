import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockDataDirectory } from './data-directory.ts';
import { readRuntimeFile, removeRuntimeFile, writeRuntimeFile } from './runtime-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** Starts a process that takes the lock and holds it. */
async function holder(): Promise<{ pid: number; kill(): Promise<void> }> {
  const module = pathToFileURL(join(import.meta.dirname, 'data-directory.ts')).href;
  const code = `const { lockDataDirectory } = await import(${JSON.stringify(module)});
    await lockDataDirectory(${JSON.stringify(dir)}, { url: 'http://127.0.0.1:1' });
    console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    pid: child.pid!,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('the lock of the data directory', () => {
  test('keeps a second monitor of the same process out until the first lets go', async () => {
    const first = await lockDataDirectory(join(dir, 'new', 'place'));
    await expect(lockDataDirectory(join(dir, 'new', 'place'))).rejects.toMatchObject({
      code: 'data-directory-taken',
      message: expect.stringContaining(`pid ${process.pid}`),
    });
    await first.release();
    await first.release();
    await (await lockDataDirectory(join(dir, 'new', 'place'))).release();
  });

  test('names pid and address of another process, and is free after kill -9', async () => {
    const other = await holder();
    await expect(lockDataDirectory(dir)).rejects.toThrow(
      `The monitor with pid ${other.pid} (http://127.0.0.1:1) uses the data directory`,
    );
    await other.kill();
    await (await lockDataDirectory(dir)).release();
  });

  test('prefers the address the running monitor wrote down', async () => {
    const lock = await lockDataDirectory(dir);
    writeRuntimeFile(dir, {
      pid: process.pid,
      url: 'http://127.0.0.1:5001',
      version: '1',
      started_at: 1,
      mode: 'standalone',
      token: 't',
    });
    await expect(lockDataDirectory(dir)).rejects.toThrow('(http://127.0.0.1:5001)');
    await lock.release();
  });

  test('a directory below a file cannot be used', async () => {
    await expect(lockDataDirectory('/dev/null/x')).rejects.toMatchObject({ code: 'data-directory-unusable' });
  });
});

describe('the runtime file', () => {
  const content = { pid: process.pid, url: null, version: '1', started_at: 1, mode: 'embedded' as const, token: 't' };

  test('is written for this user only, read back and removed', () => {
    writeRuntimeFile(dir, content);
    expect(readRuntimeFile(dir)).toEqual(content);
    expect(statSync(join(dir, 'monitor.json')).mode & 0o777).toBe(0o600);
    removeRuntimeFile(dir);
    expect(readRuntimeFile(dir)).toBeUndefined();
  });

  test('of another process is left alone', () => {
    writeRuntimeFile(dir, { ...content, pid: process.pid + 1 });
    removeRuntimeFile(dir);
    expect(readRuntimeFile(dir)?.pid).toBe(process.pid + 1);
  });
});
