import { MonitorError } from '../model/problem.ts';

/**
 * Loads a database driver that the user installs himself. The name is a variable on purpose: neither bundlers nor the walls follow it.
 * @throws MonitorError `driver-missing` that names the package to install.
 */
export async function loadDriver<T>(packageName: string, purpose: string): Promise<T> {
  try {
    return (await import(packageName)) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MonitorError('driver-missing', `${purpose} needs the package ${packageName}, which is not installed.`, {
      hint: `npm install ${packageName}`,
      cause: error,
    });
  }
}
