import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { reasonOf } from './file.ts';

/** The text of a file that holds one value (a mounted secret), without the line break at its end; or why it could not be had. */
export function readValueFile(name: string, folder: string): { readonly text: string } | { readonly failure: string } {
  const path = resolve(folder, name);
  try {
    // A mistaken path (a log, a device) must not be swallowed whole.
    if (statSync(path).size > 1_000_000) return { failure: `the file ${path} is larger than 1 MB` };
    return { text: readFileSync(path, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    return { failure: `the file ${path} cannot be read: ${reasonOf((error as NodeJS.ErrnoException).code)}` };
  }
}
