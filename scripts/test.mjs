/**
 * `npm test`: sets everything up, checks the code, runs every test, and looks for processes that were left behind.
 * `npm test -- src/store` runs only the tests whose path contains that, without the checks.
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check.mjs';
import { installServers } from './debian.mjs';
import { endLeftovers } from './leftovers.mjs';
import { binaries, ensureBuild, main, run, say } from './setup.mjs';

const mark = `CRYOMON_TEST_RUN=${randomUUID()}`;

/** The figures of vitest's own report; without one, the run as a whole has failed. */
function counts(report, code) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests: passed, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not be loaded is a failure without a failed test; so is an error outside of all tests.
  const hasFailure = ({ assertionResults }) => assertionResults.some(({ status }) => status === 'failed');
  const broken = testResults.filter((file) => file.status === 'failed' && !hasFailure(file)).length;
  const failed = numFailedTests + broken;
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}

async function runTests(folder, args) {
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const [name, value] = mark.split('=');
  const env = { ...process.env, [name]: value, TMPDIR: folder, NODE_ENV: 'test' };
  // vitest ends its workers by itself on Ctrl-C; we stay to clean up behind it.
  const ignore = () => undefined;
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, ignore);
  const code = await run(join(binaries, 'vitest'), ['run', ...reporters, ...args], { env });
  return counts(report, code);
}

await main(import.meta.url, async (args) => {
  await installServers();
  await ensureBuild();
  const checked = args.length === 0 ? await check() : { passed: 0, failed: 0 };
  // Servers that run as users of their own must be able to enter.
  const folder = mkdtempSync(join(tmpdir(), 'cm-'));
  chmodSync(folder, 0o755);
  const tested = await runTests(folder, args);
  const left = await endLeftovers(mark, folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  for (const { pid, command } of left) say(`✗ left behind: process ${pid}: ${command.slice(0, 200)}`);
  const passed = checked.passed + tested.passed;
  const failed = checked.failed + tested.failed + left.length;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exit(failed === 0 ? 0 : 1);
});
