import { isIP } from 'node:net';
import { z } from 'zod';
import { socketKeys } from '../tcp/settings.ts';

/** The kinds of records that can be asked for. */
export const recordTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;
export type RecordType = (typeof recordTypes)[number];

/** Address and port of a resolver: `1.1.1.1`, `127.0.0.1:5353`, `[2606:4700::1111]:53`; undefined when the text is none. */
export function parseResolver(text: string): { readonly address: string; readonly port: number } | undefined {
  const withPort = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text);
  const address = withPort ? (withPort[1] ?? withPort[2] ?? '') : text;
  const port = Number(withPort?.[3] ?? 53);
  return isIP(address) !== 0 && port > 0 && port <= 65_535 ? { address, port } : undefined;
}

const resolverText = z.string().refine((text) => parseResolver(text) !== undefined, {
  error: 'expected the IP address of a resolver, e.g. 1.1.1.1, 127.0.0.1:5353 or [2606:4700::1111]:53',
});

/** The keys of endpoints of type `dns`. */
export const dnsKeys = {
  host: socketKeys.host,
  record_type: z
    .preprocess((value) => (typeof value === 'string' ? value.toUpperCase() : value), z.enum(recordTypes))
    .default('A')
    .describe('Kind of record to ask for.'),
  resolver: resolverText.optional().describe('IP address (and port) of the resolver. Default: those of the machine.'),
  expected_values: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Values that must be among the answers, as the check shows them, e.g. "10 mail.example.org" for MX.'),
  only_expected_values: z.boolean().default(false).describe('true: an answer that is not expected is an error too.'),
  min_answers: z.int().min(0).default(1).describe('Fewer answers are an error; 0 expects none to exist.'),
};
