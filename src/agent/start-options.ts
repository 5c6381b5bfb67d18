/** How the monitoring of an app is started. Everything is optional. */
export interface StartOptions {
  /** False: nothing is watched, every call passes through. @default true */
  readonly enabled?: boolean;
  /** Path of the configuration file. @default `monitoring_config.json` in the working directory, if it is there */
  readonly config?: string;
  /** Port of the dashboard; false for none. @default 5001 */
  readonly dashboardPort?: number | false;
  /** The predecessor's word for `dashboardPort`. */
  readonly dashboard_port?: number | false;
  /** Folder for data. @default `monitoring` */
  readonly dataDir?: string;
  /** Name of this service. @default the name in package.json when started by npm, else `app` */
  readonly service?: string;
  /** Version of this service, to tell deployments apart. */
  readonly release?: string;
  /** Any other setting of the configuration file, by its own keys; wins over file and environment. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Report to a monitor that runs elsewhere, instead of starting one here. */
  readonly remote?: { readonly url: string; readonly token?: string };
}

/** What is left of the options after they have been checked: plain data for the worker, and what the agent needs itself. */
export interface ReadOptions {
  readonly enabled: boolean;
  readonly service: string | undefined;
  readonly release: string | undefined;
  readonly remote: { readonly url: string; readonly token?: string } | undefined;
  readonly worker: { readonly config: string | undefined; readonly overrides: Record<string, unknown> };
}

/**
 * Checks options, which from JavaScript may be anything. All problems at once, each as a sentence.
 * @param positional the predecessor's second argument, a port
 */
export function readOptions(given: unknown): { options: ReadOptions; problems: readonly string[] } {
  const problems: string[] = [];
  const raw = (typeof given === 'number' ? { dashboardPort: given } : (given ?? {})) as Record<string, unknown>;
  if (typeof raw !== 'object') return { options: empty, problems: [`options must be an object, not ${typeof given}`] };
  for (const key of Object.keys(raw))
    if (!known.has(key)) problems.push(`there is no option "${key}" (there are ${[...known].join(', ')})`);
  const text = (key: string): string | undefined => {
    const value = raw[key];
    if (value === undefined || (typeof value === 'string' && value !== '')) return value as string | undefined;
    problems.push(`${key} must be a text, not ${describe(value)}`);
    return undefined;
  };
  const overrides = readSettings(raw['settings'], problems);
  const monitoring: Record<string, unknown> = { ...(overrides['monitoring'] as object | undefined) };
  const port = raw['dashboardPort'] ?? raw['dashboard_port'];
  if (port === false) monitoring['dashboard_enabled'] = false;
  else if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535)
    monitoring['dashboard_port'] = port;
  else if (port !== undefined)
    problems.push(`dashboardPort must be a port (0 to 65535) or false, not ${describe(port)}`);
  const dataDir = text('dataDir');
  if (dataDir !== undefined) monitoring['monitoring_dir'] = dataDir;
  if (raw['enabled'] !== undefined && typeof raw['enabled'] !== 'boolean')
    problems.push(`enabled must be true or false, not ${describe(raw['enabled'])}`);
  return {
    options: {
      enabled: raw['enabled'] !== false,
      service: text('service'),
      release: text('release'),
      remote: readRemote(raw['remote'], problems),
      worker: {
        config: text('config'),
        overrides: Object.keys(monitoring).length > 0 ? { ...overrides, monitoring } : overrides,
      },
    },
    problems,
  };
}

const known = new Set([
  'enabled',
  'config',
  'dashboardPort',
  'dashboard_port',
  'dataDir',
  'service',
  'release',
  'settings',
  'remote',
]);
const empty: ReadOptions = {
  enabled: false,
  service: undefined,
  release: undefined,
  remote: undefined,
  worker: { config: undefined, overrides: {} },
};

/** Only plain data can go to the worker; what cannot is refused here, with a message, and not by an exception in the app. */
function readSettings(value: unknown, problems: string[]): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(`settings must be an object with sections, not ${describe(value)}`);
    return {};
  }
  try {
    return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
  } catch {
    problems.push('settings must be plain data (it holds a circle or a value that JSON does not know)');
    return {};
  }
}

function readRemote(value: unknown, problems: string[]): ReadOptions['remote'] {
  if (value === undefined) return undefined;
  const { url, token } = (typeof value === 'object' && value !== null ? value : {}) as {
    url?: unknown;
    token?: unknown;
  };
  if (typeof url !== 'string' || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
    problems.push('remote.url must be the http(s) address of a monitor, e.g. http://monitor:5001');
    return undefined;
  }
  if (token !== undefined && typeof token !== 'string') problems.push('remote.token must be a text');
  return typeof token === 'string' ? { url, token } : { url };
}

function describe(value: unknown): string {
  return typeof value === 'string'
    ? `"${value.slice(0, 50)}"`
    : typeof value === 'number'
      ? String(value)
      : value === null
        ? 'null'
        : `a ${typeof value}`;
}
