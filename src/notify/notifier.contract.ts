import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notifier, OutboxEntry } from '../model/notification.ts';
import { isAtLeast, severities } from '../model/severity.ts';
import type { Links } from './notifier-parts.ts';

/** A message as the alert engine writes it; fields can be replaced. */
export function sampleEntry(change: Partial<OutboxEntry> = {}, facts: Partial<OutboxEntry['facts']> = {}): OutboxEntry {
  return {
    id: '01k0outbox0000000000000',
    episodeId: '01k0episode000000000000',
    transitionId: '01k0transition00000000',
    channel: 'sample',
    event: 'firing',
    state: 'sending',
    createdAt: Date.UTC(2026, 0, 1, 12),
    dueAt: Date.UTC(2026, 0, 1, 12),
    attempts: 1,
    ...change,
    facts: {
      alertId: '01k0episode000000000000',
      alertType: 'high_cpu_usage',
      source: 'system',
      severity: 'error',
      message: 'High CPU usage: 95.0 %',
      reason: '95.0 % is above 90 %',
      status: 'firing',
      startedAt: Date.UTC(2026, 0, 1, 11, 55),
      value: 95,
      threshold: 90,
      unit: 'percent',
      labels: {},
      context: { load: 3.5 },
      ...facts,
    },
  };
}

/** Links as the monitor makes them: only what still fires can be acknowledged. */
export const sampleLinks: Links = {
  acknowledge: ({ event }) =>
    ['firing', 'escalated', 'reminder'].includes(event) ? 'https://monitor.example/ack' : undefined,
  alert: (id) => `https://monitor.example/alerts/${id}`,
};

/** A resolved message for the same episode. */
export function sampleEnd(): OutboxEntry {
  const resolvedAt = Date.UTC(2026, 0, 1, 12, 5);
  return sampleEntry(
    { id: '01k0outbox0000000000001', event: 'resolved', createdAt: resolvedAt },
    { status: 'resolved', resolvedAt, message: 'Resolved after 10 m: High CPU usage: 95.0 %' },
  );
}

/** Messages that break what was built without thought: markup, emoji, length, odd labels, context that is not flat. */
export const oddEntries: readonly (readonly [string, OutboxEntry])[] = [
  [
    'markup and mentions',
    sampleEntry({}, { message: '<!channel> <b>&amp; "x" </b> @everyone {{message}} [a](http://b) *_`~' }),
  ],
  ['an enormous message', sampleEntry({}, { message: 'm'.repeat(100_000), reason: 'r'.repeat(100_000) })],
  ['emoji beyond the basic plane', sampleEntry({}, { message: '😀'.repeat(30_000) })],
  [
    'line breaks and control characters',
    sampleEntry({}, { message: 'a\r\nBcc: x@example.com\r\n\r\n\u0000\u0007b', source: 'a\r\nb' }),
  ],
  [
    'many long labels',
    sampleEntry(
      {},
      { labels: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`label_${i}`, 'v'.repeat(3000)])) },
    ),
  ],
  [
    'a big nested context',
    sampleEntry({}, { context: { list: Array.from({ length: 20_000 }, (_, i) => ({ i, text: 'x'.repeat(50) })) } }),
  ],
  ['empty texts', sampleEntry({}, { message: '', reason: '', source: '' })],
];

/** Pieces of text that some receiver or other reads as more than text. */
const nastyPieces = [
  '<!channel>',
  '<@U123>',
  '@everyone',
  '@here',
  '[a](http://b)',
  '```',
  '`',
  '*_~|',
  '\r\nBcc: x@example.com\r\n',
  '\u202eright to left',
  'مرحبا',
  '👩‍👩‍👧‍👦',
  '\ud83d',
  '&lt;',
  '<b>',
  '</pre>',
  '{{message}}',
  '\u0000',
  '"\\',
  '%0a',
];

/** Any text that is made to break what was built without thought, up to about 100 kB. */
const nastyText = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...nastyPieces), fc.string({ unit: 'grapheme', maxLength: 40 })), {
      maxLength: 40,
    }),
    fc.constantFrom(1, 1, 1, 200),
  )
  .map(([pieces, times]) => pieces.join('').repeat(times).slice(0, 100_000));

/** Any message: texts of any kind at every place where one can stand. */
const nastyEntry = fc
  .record({
    message: nastyText,
    reason: nastyText,
    source: nastyText,
    alertType: nastyText,
    name: nastyText,
    value: nastyText,
    severity: fc.constantFrom(...severities),
    event: fc.constantFrom('firing', 'escalated', 'reminder', 'resolved', 'acknowledged'),
  })
  .map(({ event, severity, name, value, ...texts }) =>
    sampleEntry(
      { event },
      {
        ...texts,
        severity,
        labels: { [name]: value },
        context: { [name]: value, list: [value] },
        ...(event === 'resolved' ? { status: 'resolved', resolvedAt: Date.UTC(2026, 0, 1, 12, 5) } : {}),
      },
    ),
  );

/** What the suite needs of an implementation. */
export interface NotifierSubject {
  readonly notifier: Notifier;
  /** Makes the receiver answer as it does when all is well. */
  works(): void;
  /** Makes the receiver refuse for now (503, 4yz …). */
  refusesForNow(): void;
  /** Makes the receiver refuse our login. */
  refusesLogin(): void;
  /** Makes the receiver take the connection and never answer. */
  hangs(): void;
  /** Ends the receiver: nobody listens any more. */
  goesAway(): Promise<void>;
  /** How many messages the receiver took. */
  received(): number;
  /** Throws when what the receiver took breaks its contract. */
  assertValid(): void;
  /** Texts that must never be seen in a summary or target. */
  readonly secrets: readonly string[];
  dispose(): Promise<void>;
}

/** Runs the tests that every way to tell somebody must pass. */
export function describeNotifier(name: string, create: () => Promise<NotifierSubject>): void {
  const never = new AbortController().signal;
  const using = (body: (subject: NotifierSubject) => Promise<void>) => async () => {
    const subject = await create();
    try {
      await body(subject);
      for (const secret of subject.secrets) expect(subject.notifier.target).not.toContain(secret);
    } finally {
      await subject.notifier.close?.();
      await subject.dispose();
    }
  };

  describe(`${name} keeps the contract of a notifier`, () => {
    it(
      'says who it is',
      using(async ({ notifier }) => {
        expect(notifier.name).toMatch(/^[a-z][a-z0-9_-]*(\[\d+\])?$/);
        expect(notifier.kind).not.toBe('');
        expect(severities.some((each) => isAtLeast(each, notifier.minSeverity))).toBe(true);
      }),
    );

    it(
      'delivers the begin, a rise, the end and a test',
      using(async (subject) => {
        subject.works();
        const entries = [
          sampleEntry(),
          sampleEntry({ event: 'escalated', id: 'esc' }, { severity: 'critical' }),
          sampleEnd(),
          sampleEntry({ event: 'test', id: 'test' }),
        ];
        for (const entry of entries) {
          expect(await subject.notifier.deliver(entry, never)).toMatchObject({ outcome: 'delivered' });
        }
        expect(subject.received()).toBeGreaterThanOrEqual(entries.length);
        subject.assertValid();
      }),
    );

    it.each(oddEntries)('delivers %s within the limits of the receiver', async (_, entry) => {
      await using(async (subject) => {
        subject.works();
        expect(await subject.notifier.deliver(entry, never)).toMatchObject({ outcome: 'delivered' });
        subject.assertValid();
      })();
    });

    it(
      'delivers any text there is within the limits of the receiver',
      using(async (subject) => {
        subject.works();
        await fc.assert(
          fc.asyncProperty(nastyEntry, async (entry) => {
            expect(await subject.notifier.deliver(entry, never)).toMatchObject({ outcome: 'delivered' });
            subject.assertValid();
          }),
          { numRuns: 20 },
        );
      }),
    );

    it(
      'wants another attempt when the receiver refuses for now',
      using(async (subject) => {
        subject.refusesForNow();
        expect(await subject.notifier.deliver(sampleEntry(), never)).toMatchObject({ outcome: 'retry' });
      }),
    );

    it(
      'takes a refused login for final and tells no secret',
      using(async (subject) => {
        subject.refusesLogin();
        const result = await subject.notifier.deliver(sampleEntry(), never);
        expect(result).toMatchObject({ outcome: 'final', reason: 'auth' });
        for (const secret of subject.secrets) expect(result.summary).not.toContain(secret);
      }),
    );

    it(
      'gives up in time when the receiver hangs, without throwing',
      using(async (subject) => {
        subject.hangs();
        const limit = new AbortController();
        setTimeout(() => limit.abort(), 300);
        expect(await subject.notifier.deliver(sampleEntry(), limit.signal)).toMatchObject({
          outcome: 'retry',
          reason: 'timeout',
        });
      }),
    );

    it(
      'wants another attempt when nobody listens',
      using(async (subject) => {
        await subject.goesAway();
        const result = await subject.notifier.deliver(sampleEntry(), never);
        expect(result).toMatchObject({ outcome: 'retry', reason: 'unreachable' });
        for (const secret of subject.secrets) expect(result.summary).not.toContain(secret);
      }),
    );
  });
}
