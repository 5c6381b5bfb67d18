import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLog } from './log.ts';
import { openLogFile } from './log-file.ts';
import { loggingSettings } from './sections/logging.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function logWith(settings: object, isTTY = false) {
  const lines: string[] = [];
  const log = createLog(loggingSettings.parse(settings), {
    cwd: folder,
    env: {},
    console: { write: (line) => void lines.push(line), isTTY },
  });
  return { log, lines };
}

describe('the log', () => {
  test('is JSON where nobody looks at it', () => {
    const { log, lines } = logWith({});
    log.info({ check: 'database:main' }, 'database answers again');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'info',
      check: 'database:main',
      msg: 'database answers again',
      pid: process.pid,
    });
  });

  test('is text on a terminal, one line whatever the message holds', () => {
    const { log, lines } = logWith({}, true);
    log.error({ err: new Error('no\nroute'), name_with: 'two words' }, 'first\nsecond');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d .*ERROR.* first second .*err="no\\nroute".* name_with="two words"/);
    expect(lines[0]!.trimEnd()).not.toContain('\n');
  });

  test('takes a line in the form of the predecessor', () => {
    const { log, lines } = logWith({
      format: '%(asctime)s - %(name)s - %(levelname)-8s - %(message)s 100%% %(nothing)s|',
    });
    log.warn({}, 'slow');
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - monitoring - WARNING {2}- slow 100% \|\n$/);
  });

  test.each([
    ['WARNING', 1],
    ['warn', 1],
    ['CRITICAL', 0],
    ['DEBUG', 3],
    ['INFO', 2],
  ])('at level %s keeps %i of three messages', (level, expected) => {
    const { log, lines } = logWith({ level });
    log.debug({}, 'd');
    log.info({}, 'i');
    log.error({}, 'e');
    expect(lines).toHaveLength(expected);
  });

  test('changes its level while it runs', () => {
    const { log, lines } = logWith({ level: 'ERROR' });
    log.info({}, 'unheard');
    log.setLevel('INFO');
    log.info({}, 'heard');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['heard']);
  });

  test('goes into a file as well, in a folder that is made for it', async () => {
    const { log } = logWith({ file: 'deep/monitoring.log' });
    log.info({}, 'kept');
    await log.close();
    expect(readFileSync(join(folder, 'deep/monitoring.log'), 'utf8')).toContain('"kept"');
  });

  test('says on the console that the file cannot be written, and goes on', async () => {
    const { log, lines } = logWith({ file: '/dev/full' });
    for (let i = 0; i < 3; i++) log.info({ i }, 'message');
    await vi.waitFor(() => expect(lines.join('')).toContain('the log file cannot be written'));
    log.info({}, 'still here');
    expect(lines.at(-1)).toContain('still here');
    await log.close();
  });
});

describe('the log file', () => {
  test('rotates at its size and keeps as many old files as asked for', async () => {
    const problems: Error[] = [];
    const file = openLogFile({
      file: 'a.log',
      maxSizeMb: 0.01,
      backupCount: 2,
      cwd: folder,
      onProblem: (error) => problems.push(error),
    });
    for (let round = 0; round < 8; round++) {
      for (let i = 0; i < 60; i++) file.write(`${'x'.repeat(199)}\n`);
      await vi.waitFor(() => expect(existsSync(join(folder, 'a.log'))).toBe(true));
      await new Promise((next) => setImmediate(next));
    }
    await file.close();
    expect(problems).toEqual([]);
    expect(readdirSync(folder).toSorted()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
  });

  test('works again after a problem and says how many lines are missing', async () => {
    const problems: Error[] = [];
    const blocked = join(folder, 'blocked');
    let time = 0;
    const { mkdirSync } = await import('node:fs');
    // A folder of that name stands where the file should be.
    mkdirSync(blocked);
    const file = openLogFile({
      file: 'blocked',
      maxSizeMb: 1,
      backupCount: 1,
      cwd: folder,
      onProblem: (error) => problems.push(error),
      now: () => time,
    });
    file.write('one\n');
    await vi.waitFor(() => expect(problems).toHaveLength(1));
    file.write('two\n');
    rmSync(blocked, { recursive: true });
    time = 30_000;
    file.write('three\n');
    await vi.waitFor(() =>
      expect(readFileSync(blocked, 'utf8')).toMatch(/^1 log line is missing here[^\n]*\nthree\n$/),
    );
    await file.close();
    expect(problems).toHaveLength(1);
  });
});
