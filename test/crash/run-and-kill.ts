import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a child of this folder; kills it after a random time when `killAfterMs` is given. Resolves with what it said. */
export function runAndKill(child: string, args: readonly string[], killAfterMs?: number): Promise<string[]> {
  const file = fileURLToPath(new URL(`./${child}.ts`, import.meta.url));
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let complaint = '';
    let killed = false;
    started.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    started.stdout.on('data', (chunk: Buffer) => {
      // The clock starts with its first word, so that short times hit its work and not the start of Node.
      if (said === '' && killAfterMs !== undefined) {
        setTimeout(() => {
          killed = true;
          started.kill('SIGKILL');
        }, killAfterMs);
      }
      said += chunk.toString();
    });
    started.once('exit', (code) => {
      const lines = said.split('\n');
      // What stands behind the last line break may be half a line.
      if (killed || code === 0) resolve(lines.slice(0, -1));
      else reject(new Error(`the process ended by itself with ${code}: ${complaint}`));
    });
  });
}
