/** The documentation is executed: code compiles and runs, links lead somewhere, tables are compared with the code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfiguration, settingsSchema } from '../src/configuration.ts';
import { problems } from '../src/model/problem.ts';
import { freePort, until } from './e2e/harness.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: root }).sort();
const read = (page: string) => readFileSync(join(root, page), 'utf8');

interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** Code that the reader has already, from a comment `<!-- given: … -->` in front of the block. */
  readonly given: string;
}

/** The fenced blocks of a page. */
function blocksOf(page: string): Block[] {
  const text = read(page);
  return [...text.matchAll(/(?:<!-- given: ([\s\S]*?) -->\s*)?^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[2]!,
    code: match[4]!,
    given: match[1] ?? '',
  }));
}

const blocks = pages.flatMap(blocksOf);
const inLanguage = (...languages: string[]) => blocks.filter((block) => languages.includes(block.language));

/** The anchors GitHub makes of a page's headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}

/** What the compiler says about every TypeScript block at once, as `page:line message`. */
function typeErrors(): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const sources = new Map(
    inLanguage('ts', 'typescript').map((block, index) => [
      join(root, `docs-block-${index}.ts`),
      { block, text: `${block.given}\n${block.code}\nexport {};` },
    ]),
  );
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (file) => sources.has(file) || fileExists(file);
  host.readFile = (file) => sources.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const source = sources.get(file);
    return source ? ts.createSourceFile(file, source.text, version) : getSourceFile(file, version, ...rest);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  return [...sources].flatMap(([file, { block }]) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText, start }) => {
      const inside = source!.getLineAndCharacterOfPosition(start ?? 0).line - block.given.split('\n').length;
      return `${block.page}:${block.line + inside + 1} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}

describe('documentation', () => {
  test('has TypeScript that compiles', () => {
    expect(typeErrors()).toEqual([]);
  }, 60_000);

  test.each(inLanguage('json').map((block) => [`${block.page}:${block.line}`, block.code]))(
    'has JSON that parses: %s',
    (_, code) => {
      expect(() => JSON.parse(code)).not.toThrow();
    },
  );

  test.each(
    inLanguage('json')
      .filter(({ code }) => Object.keys(JSON.parse(code)).some((key) => key in settingsSchema.shape))
      .map((block) => [`${block.page}:${block.line}`, block.code] as const),
  )('has configuration that the monitor accepts: %s', (_, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'docs-'));
    writeFileSync(join(folder, 'monitoring_config.json'), code);
    const variables = [...code.matchAll(/\$\{(\w+)/g)].map(([, name]) => [
      name!,
      /URL$/.test(name!)
        ? 'postgres://user:secret@localhost/db'
        : /WEBHOOK$/.test(name!)
          ? 'https://hooks.example.org/secret'
          : 'secret',
    ]);
    try {
      const { warnings } = loadConfiguration({ cwd: folder, env: Object.fromEntries(variables), args: [] });
      expect(warnings).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(pages)('has no dead link in %s', (page) => {
    const text = read(page).replace(/^```[\s\S]*?^```$/gm, '');
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:/.test(target));
    const dead = targets.filter((target) => {
      const [path, anchor] = target.split('#');
      const file = path ? resolve(root, dirname(page), path) : join(root, page);
      if (!existsSync(file)) return true;
      return anchor !== undefined && file.endsWith('.md') && !anchorsOf(readFileSync(file, 'utf8')).has(anchor);
    });
    expect(dead).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap((page) => [...read(page).matchAll(/npm run ([\w-]+)/g)].map(([, name]) => name!));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('explains every error code, and no other, in the words of the code', () => {
    const page = read('docs/errors.md');
    const listed = [...page.matchAll(/^\| \[`([\w-]+)`\]\(#[\w-]+\) \| ([^|]+) \|/gm)].map(([, code, text]) => [
      code,
      text!.trim(),
    ]);
    expect(Object.fromEntries(listed)).toEqual(problems);
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(headings.sort()).toEqual(Object.keys(problems).sort());
  });

  test('keeps the README to 120 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(120);
  });

  test('mentions every room in AGENTS.md and in the architecture', () => {
    const rooms = globSync('src/*/', { cwd: root }).map((path) => relative('src', path).replaceAll('/', ''));
    expect(rooms.length).toBeGreaterThan(10);
    for (const page of ['AGENTS.md', 'docs/architecture.md']) {
      expect(rooms.filter((room) => !read(page).includes(`\`${room}/\``))).toEqual([]);
    }
  });
});

describe('the example in the README', () => {
  let child: ChildProcess | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  const file = join(root, `.readme-example-${process.pid}.ts`);

  afterEach(async () => {
    const gone = child && child.exitCode === null ? once(child, 'exit') : undefined;
    child?.kill('SIGKILL');
    await gone;
    rmSync(file, { force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  test('is eight lines of code, runs as it stands, and its requests reach the monitor', async () => {
    const example = blocksOf('README.md').find(({ code }) => code.includes('startMonitoring('));
    const code = example?.code ?? '';
    expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(8);
    const [appPort, monitorPort] = [await freePort(), await freePort()];
    expect(code.match(/listen\(3000\)/g)).toHaveLength(1);
    // The file stands in the repository so that the package finds itself by its name; only the ports and the folder differ.
    writeFileSync(file, code.replace('listen(3000)', `listen(${appPort})`));
    child = spawn(process.execPath, [file], {
      cwd: folder,
      env: { ...process.env, CRYOPROTECT_MONITORING_DASHBOARD_PORT: String(monitorPort) },
      stdio: 'inherit',
    });
    await until('the example application', async () => (await fetch(`http://127.0.0.1:${appPort}/molecules`)).ok);
    await until('the operation on the monitor', async () => {
      const answer = await fetch(`http://127.0.0.1:${monitorPort}/monitoring/api/operations`);
      return (await answer.text()).includes('GET /molecules');
    });
  });
});
