/** The scripts behind `npm start` and `npm test`, where they do something delicate. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const scripts = fileURLToPath(new URL('../scripts', import.meta.url));
const children: ChildProcess[] = [];

/** Runs a piece of JavaScript in a process of its own, which says `ready` when it may be spoken to. */
async function script(code: string, options: object = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${code}; console.log('ready');`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  children.push(child);
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child.stdout!, 'data');
  return { child, output: () => output };
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

describe('signals under npm', () => {
  const counting = `import '${scripts}/one-signal.mjs';
    let count = 0;
    process.on('SIGINT', () => { count += 1; });
    process.on('SIGUSR2', () => { console.log('count ' + count); process.exit(0); });
    setInterval(() => {}, 1000)`;

  test('count as one when one key press arrives in several copies, and as two when the key is pressed again', async () => {
    const { child, output } = await script(counting);
    for (const wait of [0, 40, 40, 500]) {
      await sleep(wait);
      child.kill('SIGINT');
    }
    await sleep(100);
    const ended = once(child, 'exit');
    child.kill('SIGUSR2');
    await ended;
    expect(output()).toContain('count 2');
  });
});

describe('the search for processes left behind', () => {
  test('finds them by their environment and by their folder, ends them, and leaves others alone', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'left-')));
    const mark = `CRYOMON_TEST_RUN=${randomUUID()}`;
    const [name, value] = mark.split('=') as [string, string];
    const stay = 'setInterval(() => {}, 1000)';
    const byMark = await script(stay, { env: { ...process.env, [name]: value } });
    const byFolder = await script(stay, { cwd: folder });
    const other = await script(stay);
    const ended = Promise.all([once(byMark.child, 'exit'), once(byFolder.child, 'exit')]);
    // In a process that is not above those it looks for: our own family is never counted.
    const { output } = await script(
      `import { endLeftovers } from '${scripts}/leftovers.mjs';
       console.log(JSON.stringify((await endLeftovers('${mark}', '${folder}')).map(({ pid }) => pid)))`,
    );
    await ended;
    const pids = JSON.parse(output().split('\n')[0]!) as number[];
    expect(pids.sort()).toEqual([byMark.child.pid, byFolder.child.pid].sort());
    expect(other.child.exitCode).toBeNull();
    rmSync(folder, { recursive: true });
  });
});
