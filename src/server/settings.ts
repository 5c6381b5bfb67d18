import { z } from 'zod';

const role = z.enum(['viewer', 'operator']);

const userSettings = z
  .strictObject({
    name: z.string().min(1).describe('Name to log in with.'),
    password_hash: z
      .string()
      .regex(/^scrypt\$/, 'must be a hash as `cryomon hash-password` prints it (scrypt$…)')
      .optional()
      .describe('scrypt hash of the password: `scrypt$N$r$p$salt$hash`.')
      .meta({ secret: true }),
    password: z
      .string()
      .min(8)
      .optional()
      .describe('The password itself, best from a file or the environment; at least 8 characters.')
      .meta({ secret: true }),
    role: role
      .default('viewer')
      .describe('viewer sees everything; operator also silences, acknowledges and runs checks.'),
  })
  .refine((user) => user.password_hash !== undefined || user.password !== undefined, {
    error: 'needs password_hash or password',
  });

const tokenSettings = z.strictObject({
  name: z.string().min(1).describe('Whose token it is; shown as the author of changes.'),
  token: z.string().min(16).describe('The bearer token; at least 16 characters, best random.').meta({ secret: true }),
  role: role.default('viewer').describe('What the bearer may do.'),
});

/** Section `server`: where the dashboard and the API listen and who may use them. */
export const serverSettings = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. Any address but loopback needs a login in `server.auth`.'),
  auth: z
    .strictObject({
      users: z.array(userSettings).default([]).describe('People who log in with a password.'),
      tokens: z.array(tokenSettings).default([]).describe('Machines that send `Authorization: Bearer …`.'),
      session_hours: z.number().positive().max(8760).default(12).describe('Hours until a login ends.'),
    })
    .prefault({})
    .describe('Who may look and act. Empty: everybody on this machine may do everything, others cannot connect.'),
  allowed_hosts: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Further names (Host header) the dashboard is reached by, e.g. behind a proxy; `*.example.org` is allowed.',
    ),
  public_url: z
    .url({ protocol: /^https?$/ })
    .or(z.literal(''))
    .default('')
    .describe(
      'Address by which people reach the monitor, without /monitoring, e.g. https://monitor.example.org. Links in notifications begin with it; empty: the address it listens on.',
    ),
  acknowledge_link_hours: z
    .number()
    .positive()
    .max(8760)
    .default(72)
    .describe('Hours for which the link in a notification acknowledges its alert without a login.'),
  health_status_503: z
    .boolean()
    .default(false)
    .describe('Answer /monitoring/api/health with status 503 while unhealthy; the predecessor always answered 200.'),
  max_stream_clients: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('Most browsers that follow the live stream at once; the next one is told to poll.'),
  forbid_private_targets: z
    .boolean()
    .default(false)
    .describe(
      'No endpoint check connects to a private address (loopback, link-local, private networks, cloud metadata), whether it is configured, looked up, redirected to, or reached by a proxy.',
    ),
});
export type ServerSettings = z.output<typeof serverSettings>;

/** Section `prometheus`: a second listener with nothing but the metrics text. */
export const prometheusSettings = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Serve /metrics on a port of its own. The dashboard port serves /monitoring/metrics in any case.'),
  port: z.number().int().min(0).max(65_535).default(9090).describe('Port of that listener; 0 takes a free one.'),
});
export type PrometheusSettings = z.output<typeof prometheusSettings>;
