/**
 * Finds processes that a test run has left behind. A run marks its children twice: by a variable in their environment, and by the folder
 * for temporary files it gives them (PostgreSQL overwrites its environment to show its state, but it works in such a folder).
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

function read(what) {
  try {
    return what();
  } catch {
    return ''; // It has ended meanwhile, or belongs to somebody else.
  }
}

/** Our own process and those above it are no leftovers, although they may carry the mark. */
function family() {
  const pids = new Set();
  for (let pid = process.pid; pid > 1; ) {
    pids.add(pid);
    const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return pids;
}

/** The processes that carry the mark now, with their command lines. */
export function marked(mark, folder) {
  if (!existsSync('/proc/self/environ')) return [];
  const mine = family();
  const found = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || mine.has(pid)) continue;
    const status = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (status === '' || /\) Z /.test(status)) continue;
    const command = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
      .replaceAll('\0', ' ')
      .trim();
    const environment = read(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    const cwd = read(() => readlinkSync(`/proc/${pid}/cwd`));
    if (environment.includes(mark) || command.includes(folder) || cwd.startsWith(folder)) found.push({ pid, command });
  }
  return found;
}

/** Waits a moment for processes that are on their way out, ends the rest, and says which those were. */
export async function endLeftovers(mark, folder) {
  let left = marked(mark, folder);
  for (let turn = 0; left.length > 0 && turn < 25; turn += 1) {
    await sleep(200);
    left = marked(mark, folder);
  }
  for (const { pid } of left) read(() => process.kill(pid, 'SIGKILL'));
  return left;
}
