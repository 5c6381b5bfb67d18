import { z } from 'zod';
import { textExpectation } from '../conditions/text.ts';

/** The keys that every endpoint with a host and a port has. */
export const socketKeys = {
  host: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(/^[^\s/@]+$/, 'expected a name or an IP address, without a scheme or a path')
    .optional()
    .describe('Name or IP address; for type dns the name to look up.'),
  port: z.int().min(1).max(65_535).optional().describe('Port. Default: 443 for tls, none for tcp and grpc.'),
};

/** The keys of endpoints of type `tcp`. */
export const tcpKeys = {
  ...socketKeys,
  send: z.string().max(65_536).optional().describe('Text to send once connected, e.g. "PING\\r\\n".'),
  expect: textExpectation
    .optional()
    .describe('What the other side must say, in its first 64 KiB: a text it begins with, or contains, matches, not.'),
};

/** What an endpoint with a host and a port lacks. */
export function socketProblems(
  endpoint: { readonly host?: string | undefined; readonly port?: number | undefined },
  defaultPort?: number,
): { readonly key?: string; readonly message: string }[] {
  const problems: { message: string }[] = [];
  if (endpoint.host === undefined) problems.push({ message: 'needs host' });
  if (endpoint.port === undefined && defaultPort === undefined) problems.push({ message: 'needs port' });
  return problems;
}
