/** `npm run demo` keeps its promise: within seconds every page of the dashboard has something to show, and Ctrl-C ends all of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort, root, scratch, until } from './e2e/harness.ts';

let folder: { dir: string; remove(): Promise<void> };
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await scratch();
});

afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  await folder.remove();
});

type Answer = { [key: string]: { [key: string]: unknown }[] };

/** What has to be on each page, as a question about the API's answer. */
const pages: Record<string, (answer: Answer) => boolean> = {
  checks: ({ checks }) =>
    ['database', 'api', 'system'].every((one) => checks!.some((check) => check.component === one && check.last_at)),
  operations: ({ operations }) => operations!.some((one) => one.category === 'database') && operations!.length > 5,
  progress: ({ progress }) => progress!.some((one) => one.name === 'PubChem import' && Number(one.processed_items) > 0),
  errors: ({ errors }) => errors!.length > 0,
  alerts: ({ alerts }) => alerts!.some((one) => one.state === 'firing'),
  agents: ({ agents }) => agents!.some((one) => one.service === 'cryoprotect'),
  journal: ({ journal }) => journal!.length > 0,
};

async function startDemo() {
  const port = await freePort();
  const args = [
    join(root, 'scripts/demo.mjs'),
    '--port',
    '0',
    '--dashboard-port',
    String(port),
    '--data-dir',
    folder.dir,
  ];
  const from = performance.now();
  child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  await until('the demo to say where it is', () => output.includes('Ctrl-C'), 30_000).catch((cause) => {
    throw new Error(`The demo did not start: ${output}`, { cause });
  });
  return { child, url, from, output: () => output };
}

describe('the demo', () => {
  test('fills every page, and stops with all it started', async () => {
    const demo = await startDemo();
    for (const [page, isAlive] of Object.entries(pages)) {
      await until(`the page ${page}: ${demo.output()}`, async () => {
        const response = await fetch(`${demo.url}/monitoring/api/${page}`);
        return response.ok && isAlive((await response.json()) as Answer);
      });
    }
    // Ten seconds for people; the machine of the tests is busy.
    expect(performance.now() - demo.from).toBeLessThan(30_000);

    const gone = once(demo.child, 'exit');
    demo.child.kill('SIGINT');
    expect(await gone).toEqual([0, null]);
    await expect(fetch(`${demo.url}/monitoring/livez`)).rejects.toThrow();
    const { position } = JSON.parse(readFileSync(join(folder.dir, 'checkpoints', 'pubchem-import.json'), 'utf8')) as {
      position: number;
    };
    expect(position).toBeGreaterThan(0);

    // Started again, the import goes on from there.
    const again = await startDemo();
    await until('the import to go on', async () => {
      const response = await fetch(`${again.url}/monitoring/api/progress`);
      const { progress } = (await response.json()) as { progress: { restored_items: number; state: string }[] };
      return progress.some((run) => run.state === 'running' && run.restored_items >= position);
    });
  });
});
