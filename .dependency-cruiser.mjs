/**
 * The walls of the house. Each rule's comment says what to do instead of breaking it; `npm run check` prints it beside the violation.
 * A room may import `model/` and itself. What a room may import besides stands in this table: the command line starts a monitor by itself,
 * so it may open the two files where that is put together.
 */
const rooms = {
  model: [],
  monitor: [],
  config: [],
  agent: [],
  channel: [],
  intake: [],
  checks: [],
  store: [],
  alerts: [],
  notify: [],
  server: [],
  dashboard: [],
  cli: ['monitor.ts', 'configuration.ts'],
};

/** Files that are not the product: they may look behind walls. */
const tests = '\\.(test|contract|test-d)\\.tsx?$|^src/testing';

const walls = Object.entries(rooms).map(([room, allowed]) => ({
  name: `wall-of-${room}`,
  comment:
    `${room}/ imports model/ and itself. Parts of different rooms meet in src/monitor.ts, src/agent.ts, src/worker.ts or ` +
    'src/configuration.ts: take what you need as an argument there, as an interface that stands in model/.',
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: tests },
  to: {
    path: '^src/',
    pathNot: [`^src/(${room}|model)/`, ...allowed.map((name) => `^src/${name.replace('.', '\\.')}$`)],
  },
}));

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or the thing both need belongs in a third.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-cycles-between-rooms',
      scope: 'folder',
      comment: 'Rooms point one way. Put the shared word into model/, or hand the part over where the rooms meet.',
      severity: 'error',
      from: { path: '^src/[^/]+$' },
      to: { circular: true },
    },
    ...walls,
    {
      name: 'model-is-pure',
      comment:
        'model/ is words and arithmetic, also in the browser: no built-in modules, no packages. What needs one belongs in a room.',
      severity: 'error',
      from: { path: '^src/model/', pathNot: tests },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional'] },
    },
    {
      name: 'dashboard-runs-in-browsers',
      comment: 'The dashboard has no Node. Let the server compute it and ask the API.',
      severity: 'error',
      from: { path: '^src/dashboard/', pathNot: ['vite\\.config\\.ts$', tests] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'code-does-not-import-tests',
      comment: 'A test or contract is not shipped. Move what both need into a file of its own.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'no-dev-dependency-in-code',
      comment:
        'A user does not have it. Make it a dependency with a reason in docs/decisions/, or an optional peer loaded lazily.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/dashboard/', tests] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer', 'npm-optional'] },
    },
    {
      name: 'light-entry',
      comment:
        'import "cryoprotect-monitoring" runs in somebody else\'s process and must stay light. The agent hands signals to the worker over a ' +
        'channel; whatever is heavy is imported by src/worker.ts, in the worker.',
      severity: 'error',
      from: { path: '^src/agent\\.ts$' },
      to: {
        path: [
          '^src/(monitor|worker|configuration)\\.ts$',
          '^src/(server|store|cli|checks|config|alerts|notify|intake|dashboard)/',
          '^src/agent/settings\\.ts$',
          'node_modules/(zod|hono|@hono|pino|pino-pretty|commander|cockatiel|croner|nodemailer|protobufjs|undici|open|pg|mysql2|redis|ioredis)/',
          '^(node:)?(sqlite|https|http2)$',
        ],
        reachable: true,
      },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Sees imports of types too: a wall with a window is no wall.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
};
