import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MonitorError } from '../model/problem.ts';
import { inspectJson } from './json-text.ts';
import { isTree } from './shape.ts';

export interface ConfigurationFile {
  /** Absolute path. */
  readonly path: string;
  /** As the user named it, for messages. */
  readonly name: string;
  readonly folder: string;
  readonly tree: Record<string, unknown>;
  readonly duplicates: readonly string[];
}

/**
 * Reads the configuration file. Without a given name the default one is taken if it exists.
 * Throws `configuration-missing` for a given file that is not there, `configuration-unreadable` for what is not a JSON object.
 */
export function readConfigurationFile(
  given: string | undefined,
  defaultName: string,
  cwd: string,
): ConfigurationFile | undefined {
  const name = given ?? defaultName;
  const path = resolve(cwd, name);
  const text = textOf(path, name, given !== undefined);
  if (text === undefined) return undefined;
  const { fault, duplicates } = inspectJson(text);
  if (fault) {
    throw new MonitorError(
      'configuration-unreadable',
      `${name} is not JSON: line ${fault.line}, column ${fault.column}: ${fault.message}.`,
      {
        hint: 'Correct the file there. Nothing was started.',
      },
    );
  }
  const tree = JSON.parse(text) as unknown;
  if (!isTree(tree)) {
    throw new MonitorError(
      'configuration-unreadable',
      `${name} must hold one JSON object with sections, such as { "monitoring": { … } }.`,
    );
  }
  return { path, name, folder: dirname(path), tree, duplicates };
}

function textOf(path: string, name: string, required: boolean): string | undefined {
  try {
    // Editors on Windows put a byte order mark in front.
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' && !required) return undefined;
    if (code === 'ENOENT') {
      throw new MonitorError(
        'configuration-missing',
        `The configuration file ${name} does not exist (looked for ${path}).`,
        {
          hint: `Check the path after --config, or leave it out: the default file in the current folder is read if it is there, and everything has a default.`,
          cause: error,
        },
      );
    }
    throw new MonitorError(
      'configuration-unreadable',
      `The configuration file ${path} cannot be read: ${reasonOf(code)}.`,
      { cause: error },
    );
  }
}

/** A file system's error code in words. */
export function reasonOf(code: string | undefined): string {
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOENT') return 'it does not exist';
  return code ?? 'unknown reason';
}
