import { basename, resolve } from 'node:path';
import { version } from '../../model/version.ts';
import type { Paint } from './paint.ts';
import { plain } from './width.ts';

export interface StartFacts {
  readonly url: string | null;
  readonly watches: readonly string[];
  readonly settings: { readonly monitoring_dir: string; readonly metrics_retention_days: number };
  readonly file: string | null;
  readonly cwd: string;
}

/** What a newcomer wants to know when the monitor is up: what it watches, where to look, how to add something. */
export function startText(paint: Paint, { url, watches, settings, file, cwd }: StartFacts): string {
  const name = file === null ? 'monitoring_config.json' : basename(file);
  const lines = [
    '',
    paint.title(`CryoProtect Monitoring ${version}`),
    `  Watching    ${watches.map(plain).join('\n              ')}`,
    `  Dashboard   ${url === null ? 'switched off (monitoring.dashboard_enabled)' : paint.title(`${friendly(url)}/monitoring`)}`,
    `  Data        ${resolve(cwd, settings.monitoring_dir)}, in full detail for ${settings.metrics_retention_days} days`,
    `  Settings    ${file ?? `none yet: everything has a default`}`,
    '',
    `To watch more, put into ${name} (every key: docs/configuration.md):`,
    paint.faint(
      '  a database   "database_monitoring": { "connections": [{ "name": "main", "url": "postgres://user@host/database" }] }',
    ),
    paint.faint('  an endpoint  "api_monitoring": { "endpoints": [{ "url": "https://example.org/health" }] }'),
    paint.faint(
      '  a channel    "notifications": { "webhooks": [{ "enabled": true, "webhook_url": "https://example.org/hook" }] }',
    ),
    'Ctrl-C stops.',
    '',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** People know this machine as localhost. */
export function friendly(url: string): string {
  return url.replace('//127.0.0.1:', '//localhost:');
}
