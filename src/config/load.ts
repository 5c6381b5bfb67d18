import { z } from 'zod';
import type { SettingView } from '../model/api.ts';
import { argumentLayer, type Flag } from './argument-layer.ts';
import { describeSettings, dormantLines, maskedSettings } from './describe.ts';
import { environmentLayer } from './environment-layer.ts';
import { readConfigurationFile } from './file.ts';
import { fileLayer, type Layer } from './file-layer.ts';
import { ConfigurationError, type ConfigurationProblem, problemsOf } from './problems.ts';
import type { Path } from './shape.ts';
import { createTree } from './tree.ts';

export interface LoadRequest<S extends z.ZodType> {
  readonly schema: S;
  /** Path of the file; without it the default one is read if it exists. The flag `--config` in `args` wins. */
  readonly file?: string | undefined;
  readonly defaultFile: string;
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  readonly prefix: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly args: readonly string[];
  readonly flags: readonly Flag[];
  /** Values given in code; they win over everything. */
  readonly overrides?: object | undefined;
}

/** A configuration in force: the values, and everything that can be said about them without giving a secret away. */
export interface Loaded<T> {
  readonly settings: T;
  /** Absolute path of the file that was read; null when there was none. */
  readonly file: string | null;
  /** Things to tell that do not stop anything: unknown keys, variables, arguments. */
  readonly warnings: readonly string[];
  /** Keys that were set and do nothing yet, one line each. */
  readonly dormant: readonly string[];
  /** Arguments that are no settings, e.g. `--print-config`. */
  readonly flags: ReadonlyMap<string, string | true>;
  /** Every effective value with its origin; secrets masked. */
  describe(): SettingView[];
  /** The effective values as one tree; secrets masked. */
  masked(): unknown;
  /** Where a value came from, e.g. `environment CRYOPROTECT_LOGGING_LEVEL`; `default` when nobody set it. */
  originOf(path: Path): string;
}

/**
 * Merges defaults < file < environment < arguments < overrides and validates the result.
 * Throws `ConfigurationError` (code `configuration-invalid`) with every problem at once, `configuration-missing` or `configuration-unreadable`.
 */
export function load<S extends z.ZodType>(request: LoadRequest<S>): Loaded<z.output<S>> {
  const { schema, env } = request;
  const cwd = request.cwd ?? process.cwd();
  const argument = argumentLayer(schema, request.flags, request.args, cwd);
  const named = argument.flags.get('--config');
  const file = readConfigurationFile(typeof named === 'string' ? named : request.file, request.defaultFile, cwd);
  const nothing: Layer = { assignments: [], problems: [], warnings: [] };
  const layers: Layer[] = [
    file ? fileLayer(schema, file, env) : nothing,
    environmentLayer(schema, request.prefix, env, cwd),
    argument,
    { ...nothing, assignments: [{ path: [], value: request.overrides ?? {}, origin: 'option in code' }] },
  ];
  const tree = createTree();
  for (const layer of layers) {
    for (const assignment of layer.assignments) tree.assign(assignment);
  }
  const problems: ConfigurationProblem[] = layers.flatMap((layer) => layer.problems);
  const parsed = z.safeParse(schema, tree.values);
  if (!parsed.success) {
    // A place whose value could not even be read needs no second complaint that it is missing.
    const known = new Set(problems.map((problem) => problem.path));
    problems.push(...problemsOf(schema, tree, parsed.error.issues).filter((problem) => !known.has(problem.path)));
  }
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  const settings = parsed.data;
  return {
    settings,
    file: file?.path ?? null,
    warnings: layers.flatMap((layer) => layer.warnings),
    dormant: dormantLines(schema, settings, z.parse(schema, {}), tree),
    flags: argument.flags,
    describe: () => describeSettings(schema, settings, tree),
    masked: () => maskedSettings(schema, settings, tree),
    originOf: (path) => tree.originOf(path),
  };
}
