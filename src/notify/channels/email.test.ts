import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Exim, startExim } from '../../../test/services/exim.ts';
import { silentLog } from '../../model/log.ts';
import { describeNotifier, sampleEnd, sampleEntry, sampleLinks } from '../notifier.contract.ts';
import type { NotifierParts } from '../notifier-parts.ts';
import { decodePng } from '../png.contract.ts';
import { createNotifiers } from '../registry.ts';
import { notificationsSettings } from '../settings.ts';

const never = new AbortController().signal;
let exim: Exim;
beforeAll(async () => {
  exim = await startExim();
}, 60_000);
afterAll(() => exim.stop());

function email(settings: object = {}, parts: Partial<NotifierParts> = {}) {
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
  return createNotifiers({ settings: notifications, log: silentLog, version: '1.2.3', ...parts })[0]!;
}

/** The mails about this message, oldest first; Exim moves an accepted one into the mailbox a moment after it said 250. */
async function mailsOf(id: string, count = 1): Promise<string[]> {
  const until = Date.now() + 20_000;
  const found = () => exim.mails().filter((mail) => header(mail, 'Message-ID')?.startsWith(`<${id}@`));
  while (found().length < count && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  return found();
}

/** A header of a mail as it lies in the mailbox, unfolded. */
function header(mail: string, name: string): string | undefined {
  const head = mail.slice(0, mail.search(/\r?\n\r?\n/)).replaceAll(/\r?\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1];
}

/** The one of two settings that the suite asks for, on top of the same server. */
describeNotifier('email', async () => {
  const waiting = new Set<Socket>();
  const silent = createServer((socket) => waiting.add(socket));
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
        for (const line of mail.split(/\r?\n/)) expect(line.length).toBeLessThan(998);
      }
    },
    secrets: ['s3cret-pw', 'wr0ng-pw'],
    dispose: () => {
      for (const socket of waiting) socket.destroy();
      return new Promise((resolve) => void silent.close(() => resolve()));
    },
  };
});

describe('the email channel with a real mail server', () => {
  it('sends text and HTML in one conversation, with the id of the message on every attempt', async () => {
    const notifier = email();
    await notifier.deliver(sampleEntry({ id: 'talk' }, { message: 'Disk <full> & "hot"' }), never);
    await notifier.deliver(sampleEntry({ id: 'talk', attempts: 2 }, { message: 'Disk <full> & "hot"' }), never);
    await notifier.deliver({ ...sampleEnd(), id: 'talk-end' }, never);
    const [first, second] = await mailsOf('talk', 2);
    const [end] = await mailsOf('talk-end');
    expect(header(first!, 'Subject')).toBe('[ALERT] CryoProtect ERROR - system - high_cpu_usage');
    expect(header(end!, 'Subject')).toBe('[ALERT] CryoProtect RESOLVED - system - high_cpu_usage');
    expect(header(second!, 'Message-ID')).toBe(header(first!, 'Message-ID'));
    expect(header(end!, 'References')).toBe(header(first!, 'References'));
    expect(header(first!, 'Auto-Submitted')).toBe('auto-generated');
    expect(first!.indexOf('text/plain')).toBeLessThan(first!.indexOf('text/html'));
    expect(first!.replaceAll(/=\r?\n/g, '')).toContain('Disk &lt;full&gt; &amp; &quot;hot&quot;');
  });

  it('shows the chart inside the mail, says what machines must know, and links to the page that acknowledges', async () => {
    const at = Array.from({ length: 60 }, (_, minute) => Date.UTC(2026, 0, 1, 11) + minute * 60_000);
    const history = () => Promise.resolve({ at, values: at.map((_, index) => 40 + index) });
    const notifier = email({ sender_email: 'Monitor <monitor@Example.com>' }, { history, links: sampleLinks });
    await notifier.deliver(sampleEntry({ id: 'drawn' }, { severity: 'critical' }), never);
    const [mail] = await mailsOf('drawn');
    expect(header(mail!, 'List-Id')).toBe('CryoProtect Monitoring <alerts.example.com>');
    expect(header(mail!, 'X-Auto-Response-Suppress')).toBe('All');
    expect(header(mail!, 'Importance')).toBe('high');
    expect(header(mail!, 'Message-ID')).toMatch(/@example\.com>$/);
    expect(mail).toContain('Acknowledge: https://monitor.example/ack');
    const cid = /cid:(?:=3D)?([^"]+)"/.exec(mail!.replaceAll(/=\r?\n/g, ''))?.[1];
    expect(header(mail!.slice(mail!.indexOf('Content-Type: image/png')), 'Content-Id')).toBe(`<${cid}>`);
    expect(mail).toContain('multipart/related');
    const encoded = /Content-Type: image\/png[\s\S]*?\n\r?\n([A-Za-z0-9+/=\s]+)/.exec(mail!)![1]!;
    const picture = decodePng(Buffer.from(encoded, 'base64'));
    expect([picture.width, picture.height]).toEqual([1120, 320]);
  });

  it('sends the mail without a chart when the series cannot be read', async () => {
    const history = () => Promise.reject(new Error('no store'));
    const entry = sampleEntry({ id: 'undrawn' });
    expect(await email({}, { history }).deliver(entry, never)).toMatchObject({ outcome: 'delivered' });
    const [mail] = await mailsOf('undrawn');
    expect(mail).not.toContain('image/png');
  });

  it('encrypts from the first byte where that is asked for', async () => {
    const notifier = email({ smtp_port: exim.tlsPort, implicit_tls: true });
    expect(await notifier.deliver(sampleEntry({ id: 'encrypted' }), never)).toMatchObject({ outcome: 'delivered' });
    expect(await mailsOf('encrypted')).toHaveLength(1);
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
    const notifier = email({ recipient_emails: ['ann@example.com', 'defer@example.com'] });
    const entry = sampleEntry({ id: 'partly' });
    expect(await notifier.deliver(entry, never)).toMatchObject({
      outcome: 'retry',
      summary: expect.stringContaining('defer@example.com'),
    });
    expect(await notifier.deliver(entry, never)).toMatchObject({ outcome: 'retry' });
    expect(await mailsOf('partly')).toHaveLength(1);
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
