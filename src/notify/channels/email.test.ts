import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Exim, startExim } from '../../../test/services/exim.ts';
import { silentLog } from '../../model/log.ts';
import { describeNotifier, sampleEnd, sampleEntry } from '../notifier.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';

const never = new AbortController().signal;
let exim: Exim;
beforeAll(async () => {
  exim = await startExim();
}, 60_000);
afterAll(() => exim.stop());

function email(settings: object = {}) {
  const notifications = notificationsSettings.parse({
    log: { enabled: false },
    email: {
      enabled: true,
      smtp_server: '127.0.0.1',
      smtp_port: exim.port,
      sender_email: 'monitor@example.com',
      recipient_emails: ['ann@example.com'],
      username: 'monitor',
      password: 's3cret-pw',
      verify_ssl: false,
      ...settings,
    },
  });
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3' })[0]!;
}

/** Exim moves an accepted mail into the mailbox a moment after it said 250. */
async function mailsFrom(count: number): Promise<string[]> {
  const until = Date.now() + 10_000;
  while (exim.mails().length < count && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  return exim.mails();
}

/** A header of a mail as it lies in the mailbox, unfolded. */
function header(mail: string, name: string): string | undefined {
  const head = mail.slice(0, mail.search(/\r?\n\r?\n/)).replaceAll(/\r?\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1];
}

/** The one of two settings that the suite asks for, on top of the same server. */
describeNotifier('email', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const silentPort = (silent.address() as AddressInfo).port;
  const before = exim.mails().length;
  const kinds = {
    works: email(),
    refusesForNow: email({ recipient_emails: ['defer@example.com'] }),
    refusesLogin: email({ password: 'wr0ng-pw' }),
    hangs: email({ smtp_port: silentPort }),
    goesAway: email({ smtp_port: 1 }),
  };
  let kind: keyof typeof kinds = 'works';
  const choose = (next: keyof typeof kinds): void => {
    kind = next;
  };
  return {
    notifier: {
      ...kinds.works,
      deliver: (entry, signal) => kinds[kind].deliver(entry, signal),
      close: async () => void (await Promise.all(Object.values(kinds).map((each) => each.close?.()))),
    },
    works: () => choose('works'),
    refusesForNow: () => choose('refusesForNow'),
    refusesLogin: () => choose('refusesLogin'),
    hangs: () => choose('hangs'),
    goesAway: async () => choose('goesAway'),
    // The mailbox fills a moment later; each test that counts waits itself.
    received: () => Number.POSITIVE_INFINITY,
    assertValid() {
      for (const mail of exim.mails().slice(before)) {
        expect(header(mail, 'To')).toBe('ann@example.com');
        expect(header(mail, 'Bcc')).toBeUndefined();
        expect(header(mail, 'Subject')?.length).toBeLessThan(900);
        expect(mail.length).toBeLessThan(1_000_000);
      }
    },
    secrets: ['s3cret-pw', 'wr0ng-pw'],
    dispose: () => new Promise((resolve) => void silent.close(() => resolve())),
  };
});

describe('the email channel with a real mail server', () => {
  it('sends text and HTML in one conversation, with the id of the message on every attempt', async () => {
    const before = exim.mails().length;
    const notifier = email();
    await notifier.deliver(sampleEntry({}, { message: 'Disk <full> & "hot"' }), never);
    await notifier.deliver(sampleEntry({ attempts: 2 }), never);
    await notifier.deliver(sampleEnd(), never);
    const [first, second, end] = (await mailsFrom(before + 3)).slice(before);
    expect(header(first!, 'Subject')).toBe('[ALERT] CryoProtect ERROR - system - high_cpu_usage');
    expect(header(end!, 'Subject')).toBe('[ALERT] CryoProtect RESOLVED - system - high_cpu_usage');
    expect(header(first!, 'Message-ID')).toContain(sampleEntry().id);
    expect(header(second!, 'Message-ID')).toBe(header(first!, 'Message-ID'));
    expect(header(end!, 'References')).toBe(header(first!, 'References'));
    expect(header(first!, 'Auto-Submitted')).toBe('auto-generated');
    expect(first!.indexOf('text/plain')).toBeLessThan(first!.indexOf('text/html'));
    expect(first!.replaceAll(/=\r?\n/g, '')).toContain('Disk &lt;full&gt; &amp; &quot;hot&quot;');
  });

  it('encrypts from the first byte where that is asked for', async () => {
    const before = exim.mails().length;
    const notifier = email({ smtp_port: exim.tlsPort, implicit_tls: true });
    expect(await notifier.deliver(sampleEntry(), never)).toMatchObject({ outcome: 'delivered' });
    expect(await mailsFrom(before + 1)).toHaveLength(before + 1);
  });

  it.each([
    ['hard@example.com', 'final', 'invalid'],
    ['defer@example.com', 'retry', 'refused'],
    ['slow@example.com', 'delivered', undefined],
  ])('takes what the server says about %s for %s', async (recipient, outcome, reason) => {
    const result = await email({ recipient_emails: [recipient] }).deliver(sampleEntry(), never);
    expect(result).toMatchObject({ outcome, ...(reason ? { reason } : {}) });
  });

  it('tries again after 451 and after a connection that was cut off, and not with a mail that is too big', async () => {
    const later = await email({ subject_prefix: 'TRYLATER' }).deliver(sampleEntry(), never);
    expect(later).toMatchObject({ outcome: 'retry', reason: 'refused' });
    const dropped = await email({ sender_email: 'drop@example.com' }).deliver(sampleEntry(), never);
    expect(dropped.outcome).not.toBe('delivered');
    const open = await email({ password: '' }).deliver(sampleEntry(), never);
    expect(open).toMatchObject({ outcome: 'final' });
  });

  it('sends another attempt only to those who lack the mail', async () => {
    const before = exim.mails().length;
    const notifier = email({ recipient_emails: ['ann@example.com', 'defer@example.com'] });
    const entry = sampleEntry({ id: 'partly' });
    expect(await notifier.deliver(entry, never)).toMatchObject({
      outcome: 'retry',
      summary: expect.stringContaining('defer@example.com'),
    });
    expect(await notifier.deliver(entry, never)).toMatchObject({ outcome: 'retry' });
    expect(await mailsFrom(before + 1)).toHaveLength(before + 1);
  });

  it('counts a mail that somebody got as delivered when the others are refused for good, and says who', async () => {
    const notifier = email({ recipient_emails: ['ann@example.com', 'hard@example.com'] });
    expect(await notifier.deliver(sampleEntry(), never)).toMatchObject({
      outcome: 'delivered',
      summary: expect.stringContaining('hard@example.com'),
    });
  });

  it('never falls back to clear text, and refuses a certificate nobody vouches for', async () => {
    expect(await email({ verify_ssl: true }).deliver(sampleEntry(), never)).toMatchObject({
      outcome: 'retry',
      reason: 'unreachable',
    });
    const clear = createServer((socket) => {
      socket.write('220 clear ESMTP\r\n');
      socket.on('data', (data) => socket.write(String(data).startsWith('EHLO') ? '250 clear\r\n' : '502 no\r\n'));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => clear.listen(0, '127.0.0.1', resolve));
    try {
      const notifier = email({ smtp_port: (clear.address() as AddressInfo).port });
      const result = await notifier.deliver(sampleEntry(), never);
      expect(result.outcome).not.toBe('delivered');
    } finally {
      clear.close();
    }
  });
});
