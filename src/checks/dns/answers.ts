import { cut } from '../../model/redact.ts';
import type { RecordType } from './settings.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How records with several fields are written, as in a zone file. */
const writers: { readonly [T in RecordType]?: (record: Fields) => string } = {
  MX: ({ priority, exchange }) => `${priority} ${exchange}`,
  SRV: ({ priority, weight, port, name }) => `${priority} ${weight} ${port} ${name}`,
  SOA: ({ nsname, hostmaster, serial }) => `${nsname} ${hostmaster} ${serial}`,
  CAA: (record) => {
    const tag = Object.keys(record).find((key) => key !== 'critical' && key !== 'type') ?? '';
    return `${record.critical} ${tag} ${JSON.stringify(String(record[tag] ?? ''))}`;
  },
};

/** The answers as lines, in order: `10 mail.example.org` for MX, the joined text for TXT. */
export function answerLines(type: RecordType, answers: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(answers) ? answers : [answers];
  return list
    .map((one) => {
      if (typeof one === 'string') return one;
      // TXT: the parts of one record.
      if (Array.isArray(one)) return one.join('');
      return writers[type]?.(one as Fields) ?? JSON.stringify(one);
    })
    .map((line) => cut(line, 200))
    .sort();
}
