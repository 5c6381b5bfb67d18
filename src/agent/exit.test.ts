import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const exit = new URL('./exit.ts', import.meta.url).href;

/** Runs a program that says `last words` when our end comes; gives what it said and how it ended. */
async function run(body: string, signal?: NodeJS.Signals) {
  const program = `import { onExit } from '${exit}'; onExit(() => process.stdout.write('last words;')); ${body}; process.stdout.write('up;');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    if (signal && text === 'up;') child.kill(signal);
  });
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  return { text, end: killedBy ?? code };
}

const alive = 'setInterval(() => undefined, 1000)';

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'a signal that nobody handles still kills the process: %s',
  async (signal) => {
    expect(await run(alive, signal)).toEqual({ text: 'up;last words;', end: signal });
  },
);

test('a program without work ends by itself', async () => {
  expect(await run('')).toEqual({ text: 'up;last words;', end: 0 });
});

test('the exit code of the app stays its own', async () => {
  expect(await run('setTimeout(() => process.exit(7), 10)')).toEqual({ text: 'up;last words;', end: 7 });
  expect(await run("setTimeout(() => { throw new Error('x') }, 10)")).toEqual({ text: 'up;last words;', end: 1 });
});

test("the app's own handler decides, and is not disturbed", async () => {
  const own =
    "process.on('SIGTERM', () => { process.stdout.write('closing;'); setTimeout(() => process.exit(4), 30); })";
  expect(await run(`${alive}; ${own}`, 'SIGTERM')).toEqual({ text: 'up;closing;last words;', end: 4 });
});

test('a library that counts listeners to find out whether it is alone finds that it is', async () => {
  const own =
    "process.on('SIGTERM', () => process.stdout.write(process.listenerCount('SIGTERM') + ' listener;')); setTimeout(() => process.exit(0), 300)";
  expect(await run(`${alive}; ${own}`, 'SIGTERM')).toEqual({ text: 'up;1 listener;last words;', end: 0 });
});
