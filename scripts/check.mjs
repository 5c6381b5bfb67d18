/**
 * `npm run check`: everything that can be said about the code without running it. Each check is a line in the table below; all run at the
 * same time as far as the cores go. `npm run check -- walls lint` runs only those two.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { binaries, ensureBuild, main, node24, root, say } from './setup.mjs';

/** Runs a tool and resolves with its exit code and everything it printed. */
function tool(name, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(name.includes('/') ? name : join(binaries, name), args, { cwd: root, env });
    const out = [];
    const err = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    );
  });
}

/** A check that is right when its tool ends with 0. */
const passes = (name, args) => async () => {
  const { code, out, err } = await tool(name, args);
  return code === 0 ? [] : [`${out}${err}`.trim() || `${name} ended with code ${code}`];
};

function modulesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true }).filter((file) => /\.tsx?$/.test(file)).length;
}

/** dependency-cruiser answers "no violations" also when it could read nothing; so the number of modules has a floor. */
async function walls() {
  const { out, err } = await tool('depcruise', ['src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json']);
  const { modules, summary } = JSON.parse(
    out ||
      (() => {
        throw new Error(err);
      })(),
  );
  const seen = modules.filter((module) => /^src\/.*\.tsx?$/.test(module.source)).length;
  const expected = modulesIn('src');
  const lines = summary.violations.map((violation) => {
    const way = violation.via ?? violation.cycle ?? [];
    const trail = way.length > 0 ? way.map((step) => step.name ?? step).join(' → ') : violation.to;
    const rule = summary.ruleSetUsed.forbidden.find(({ name }) => name === violation.rule.name);
    return `${violation.rule.name}: ${violation.from} → ${trail}\n    ${rule?.comment ?? ''}`;
  });
  if (seen < expected) lines.push(`Only ${seen} of ${expected} modules were read: is TypeScript 6 installed?`);
  return lines;
}

/** The version stands in package.json and, for the code, in src/model/version.ts. */
function versions() {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  const found = /version = '([^']+)'/.exec(readFileSync(join(root, 'src/model/version.ts'), 'utf8'))?.[1];
  return wanted === found ? [] : [`package.json says ${wanted}, src/model/version.ts says ${found}: make them equal.`];
}

/** A lock file whose edges do not all lead somewhere is accepted by `npm install` and refused by `npm ci`. */
function lockFile() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const resolves = (from, name) => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      if (`${at === '' ? '' : `${at}/`}node_modules/${name}` in packages) return true;
      if (at === '') return false;
      if (!at.includes('/node_modules/')) at = '/node_modules/';
    }
  };
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
      .filter((name) => !resolves(path, name))
      .map(
        (name) => `${path || 'package.json'} needs ${name}, which the lock file does not have: choose another version.`,
      ),
  );
}

async function packageShape() {
  await ensureBuild();
  return passes('publint', ['--strict'])();
}

const checks = {
  types: passes('tsc', ['-p', '.', '--noEmit']),
  'types-dashboard': passes('tsc', ['-p', 'src/dashboard', '--noEmit']),
  'types-browser-tests': passes('tsc', ['-p', 'test/e2e', '--noEmit']),
  lint: passes('biome', ['check', '--error-on-warnings', '--max-diagnostics=50']),
  walls,
  'dead-code': passes('knip', ['--no-progress']),
  package: packageShape,
  schema: passes(node24, [join(root, 'scripts', 'schema.mjs'), '--check']),
  'lock-file': lockFile,
  version: versions,
};

/** Runs the chosen checks and prints a line for each. Resolves with how many passed and failed. */
export async function check(names = Object.keys(checks)) {
  const waiting = [...names];
  const counts = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const start = performance.now();
      const problems = await Promise.resolve()
        .then(checks[name])
        .catch((error) => [String(error.stack ?? error)]);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      counts[problems.length === 0 ? 'passed' : 'failed'] += 1;
      say(`${problems.length === 0 ? '✓' : '✗'} ${name.padEnd(16)} ${seconds} s`);
      for (const problem of problems) say(`  ${problem.replaceAll('\n', '\n  ')}`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return counts;
}

/** The part below runs only when this file is the command, not when `npm test` uses it. */
if (process.argv[1]?.endsWith('check.mjs')) {
  await main(import.meta.url, async (args) => {
    const unknown = args.filter((name) => !(name in checks));
    if (unknown.length > 0)
      throw new Error(`There is no check ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}.`);
    const { passed, failed } = await check(args.length > 0 ? args : undefined);
    say(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
  });
}
