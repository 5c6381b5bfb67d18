import { z } from 'zod';
import { databaseTypes, databaseUrlProblem, supportedSchemes } from '../schemes.ts';

const databaseUrl = z
  .string()
  .superRefine((text, context) => {
    const problem = databaseUrlProblem(text);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    description: `Where the database is: ${supportedSchemes()}. User and password belong in it; they are never shown. Instead of it the fields below can be given.`,
    secret: true,
  });

const pem = z.string().min(1).optional();

/** How a connection is encrypted. */
const tlsSettings = z
  .union([
    z.boolean(),
    z.strictObject({
      reject_unauthorized: z
        .boolean()
        .default(true)
        .describe('false encrypts without asking who the other side is: anybody in between can read along.'),
      ca: pem.describe('Certificate that signed the server’s: a PEM text or the path of a PEM file.'),
      cert: pem.describe(
        'Certificate of our own, where the server asks for one: a PEM text or the path of a PEM file.',
      ),
      key: z
        .string()
        .min(1)
        .optional()
        .meta({ description: 'Its private key: a PEM text or the path of a PEM file.', secret: true }),
      server_name: z.string().min(1).optional().describe('Name the certificate must have. Default: the host.'),
    }),
  ])
  .optional()
  .describe('Encryption: true or an object encrypts, false does not; wins over the URL. Default: what the URL says.');

/** One database connection of `database_monitoring.connections`. */
export const connectionSettings = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1, 'give it a name, e.g. "pooler"')
      .max(80)
      .describe('Name shown to people and part of the check id `database:<name>`; unique.'),
    pool: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .describe(
        'Name of the application’s pool on this connection (watchPool): its snapshot is kept when the check fails. Default: the name of the connection.',
      ),
    url: databaseUrl.optional(),
    type: z.enum(databaseTypes).optional().describe('Instead of a URL: the kind of database.'),
    host: z
      .string()
      .min(1)
      .optional()
      .describe('With type: name or address; a path that begins with / is a Unix socket. Default: localhost.'),
    port: z.int().min(1).max(65_535).optional().describe('With type: the port. Default: the usual one.'),
    database: z.string().min(1).optional().describe('With type: name of the database.'),
    user: z.string().min(1).optional().describe('With type: who logs in.'),
    password: z.string().min(1).optional().meta({ description: 'With type: the password, as it is.', secret: true }),
    path: z
      .string()
      .min(1)
      .optional()
      .describe('With type sqlite: the file; a relative path starts where the monitor was started.'),
    tls: tlsSettings,
    enabled: z.boolean().default(true).describe('false leaves this connection out.'),
    chain: z
      .string()
      .trim()
      .min(1)
      .max(80)
      .optional()
      .describe(
        'Connections of one chain stand in for each other, in the order of this list. Default: all connections of one kind of database are a chain.',
      ),
    expect_writable: z
      .boolean()
      .default(false)
      .describe('true makes it an error when nothing can be written over this connection, e.g. after a failover.'),
    timeout_seconds: z
      .number()
      .positive()
      .max(600)
      .optional()
      .describe('Hard total deadline of one check of this connection, DNS and login included. Default: the section’s.'),
    interval_seconds: z
      .number()
      .positive()
      .optional()
      .describe('Seconds between two checks of this connection. Default: monitoring.health_check_intervals.database.'),
    slow_query_threshold_ms: z
      .number()
      .positive()
      .optional()
      .describe('The check warns when its query takes longer, in ms. Default: the section’s.'),
    query: z
      .string()
      .min(1)
      .optional()
      .describe('The question asked. Default: the cheapest the server knows (SELECT 1, PING).'),
  })
  .superRefine((one, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const fields = (['host', 'port', 'database', 'user', 'password', 'path'] as const).filter(
      (key) => one[key] !== undefined,
    );
    if (one.url !== undefined && (one.type !== undefined || fields.length > 0)) {
      complain(
        one.type === undefined ? fields[0]! : 'type',
        'stands beside a url, which says it already; give one of the two',
      );
    } else if (one.url === undefined && one.type === undefined) {
      complain('url', `is missing; give a url, or type (${databaseTypes.join(', ')}) with host or path`);
    } else if (one.type === 'sqlite' && one.path === undefined) complain('path', 'is missing: which file is it?');
    else if (one.type !== undefined && one.type !== 'sqlite' && one.path !== undefined)
      complain('path', `is for sqlite only; ${one.type} has host, port and database`);
  });
export type ConnectionSettings = z.output<typeof connectionSettings>;
