import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureDashboard, openBrowser, openPage, type Watched } from '../dashboard-fixture/browser.ts';
import { type Fixture, startFixture } from '../dashboard-fixture/server.ts';

const pages = [
  '',
  'databases',
  'databases/database:pooler',
  'endpoints',
  'endpoints/api:%2Frdkit%2Fproperties',
  'system',
  'operations',
  'operations/molecules.select',
  'progress',
  'errors',
  'errors/e1a',
  'alerts',
  'alerts/01kaz5rdkit',
  'alerts?view=resolved',
  'alerts?view=silences',
  'alerts?view=rules',
  'settings',
  'settings?tab=channels',
  'settings?tab=agents',
  'settings?tab=store',
  'settings?tab=monitor',
];

let browser: Browser;
const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];

async function fixture(options: Parameters<typeof startFixture>[0] = {}): Promise<Fixture> {
  const started = await startFixture(options);
  open.push(started);
  return started;
}
async function visit(url: string, options: Parameters<typeof openPage>[1] = {}): Promise<Watched> {
  const watched = await openPage(browser, options);
  open.push(watched);
  await watched.page.goto(url);
  return watched;
}
/** The page is drawn when its heading is there and nothing loads any more. */
async function drawn(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('main [aria-busy="true"]') === null);
}
async function go(page: Page, path: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${path}`);
  await drawn(page);
}

/** What the page says about its own liveness. */
async function says(page: Page, words: string): Promise<void> {
  await page.locator('.live .state').filter({ hasText: words }).waitFor();
}

beforeAll(async () => {
  ensureDashboard();
  browser = await openBrowser();
});
afterAll(async () => {
  for (const thing of open.reverse()) await (thing.close ?? thing.stop)?.call(thing);
  await browser.close();
});

describe('every page', () => {
  test.each(['light', 'dark'] as const)(
    'is accessible in the %s theme, keeps to the security policy and asks no other host',
    async (colorScheme) => {
      const { url } = await fixture();
      const { page, problems, hosts } = await visit(url, { colorScheme });
      await drawn(page);
      for (const path of pages) {
        await go(page, path);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(
          violations.map(
            ({ id, nodes }) => `${path}: ${id} ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
          ),
        ).toEqual([]);
      }
      expect(problems).toEqual([]);
      expect([...hosts]).toEqual([new URL(url).host]);
    },
  );

  test.each([390, 768])('fits a window %i pixels wide without scrolling sideways', async (width) => {
    const { url } = await fixture();
    const { page } = await visit(url, { viewport: { width, height: 844 } });
    await drawn(page);
    const wide: string[] = [];
    for (const path of pages) {
      await go(page, path);
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wide.push(path);
    }
    expect(wide).toEqual([]);
  });

  test('teaches with lines of code or configuration when there is nothing to show', async () => {
    const { url } = await fixture({ scenario: 'empty' });
    const { page, problems } = await visit(url);
    await drawn(page);
    for (const path of ['databases', 'endpoints', 'operations', 'progress', 'errors']) {
      await go(page, path);
      expect(await page.locator('.empty pre').first().innerText(), path).toMatch(/track|record|connections|endpoints/);
    }
    await go(page, '');
    await page.getByText('This machine is fine').waitFor();
    expect(problems).toEqual([]);
  });
});

describe('the first screen', () => {
  test('weighs at most 45 kB in brotli, everything together', async () => {
    const { url } = await fixture();
    const watched = await openPage(browser);
    open.push(watched);
    const files = new Set<string>();
    watched.page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.includes('/api/')) files.add(pathname.replace(/^\/monitoring\/?/, '') || 'index.html');
    });
    await watched.page.goto(url);
    await drawn(watched.page);
    await watched.page.locator('.u-over').first().waitFor();
    const dist = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));
    const sizes = [...files].map((name) => [name, brotliCompressSync(readFileSync(dist + name)).length] as const);
    const total = sizes.reduce((sum, [, size]) => sum + size, 0);
    expect(total, sizes.map(([name, size]) => `${name} ${size}`).join(', ')).toBeLessThanOrEqual(45 * 1024);
  });

  test('shows the verdict soon after it is opened', async () => {
    const { url } = await fixture();
    const { page } = await visit(url);
    await drawn(page);
    await page.reload();
    const verdict = page.getByRole('heading', { level: 1, name: /Database pooler has been down/ });
    await verdict.waitFor();
    const took = await page.evaluate(
      () => performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint')?.startTime ?? 0,
    );
    // 500 ms is the aim on a quiet machine; tests share theirs.
    expect(took).toBeGreaterThan(0);
    expect(took).toBeLessThan(2000);
  });
});

describe('time', () => {
  test('is chosen once for all charts, by picker, keyboard and dragging, and stands in the address', async () => {
    const { url } = await fixture();
    const { page } = await visit(`${url}#/system`);
    await drawn(page);
    await page.getByRole('button', { name: '6 h: show the last 6 hours' }).click();
    expect(page.url()).toContain('range=6h');
    await page.keyboard.press('2');
    await expect.poll(() => page.url()).toContain('range=1h');
    const plot = page.locator('.u-over').first();
    await plot.waitFor();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 30, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => page.url()).toMatch(/from=\d+&to=\d+/);
    const { searchParams } = new URL(page.url().replace('#/system', ''));
    expect(Number(searchParams.get('to')) - Number(searchParams.get('from'))).toBeGreaterThan(1_500_000);
    expect(Number(searchParams.get('to')) - Number(searchParams.get('from'))).toBeLessThan(2_100_000);
    await page.locator('button.window').waitFor();
    await page.locator('.u-over').first().dblclick();
    await expect.poll(() => page.url()).not.toContain('from=');
  });

  test('keeps its range from page to page, and a link by path shows what it names', async () => {
    const { url } = await fixture();
    const { page } = await visit(`${url}#/system?range=24h`);
    await drawn(page);
    await page.getByRole('link', { name: /^Endpoints/ }).click();
    await expect.poll(() => page.url()).toContain('#/endpoints?range=24h');
    await page.goto(`${url}/alerts/01kaz5rdkit`);
    await page.getByRole('heading', { level: 1, name: /RDKit properties answers slowly/ }).waitFor();
    expect(page.url()).toContain('#/alerts/01kaz5rdkit');
  });

  test('is told in words and moved through with the arrow keys on a chart', async () => {
    const { url } = await fixture();
    const { page } = await visit(`${url}#/system`);
    const chart = page.getByRole('img', { name: /^CPU, the last hour\. now \d+/ }).first();
    await page.locator('.u-over').first().waitFor();
    expect(await chart.getAttribute('aria-label')).toMatch(/lowest .* highest .* Warning from 80/);
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.chart time').first().waitFor();
  });

  test('carries ten thousand points on one chart', async () => {
    const { url } = await fixture();
    const { page, problems } = await visit(url);
    await page.route('**/api/series?**', async (route) => {
      const asked = new URL(route.request().url());
      const to = Number(asked.searchParams.get('to'));
      const from = Number(asked.searchParams.get('from'));
      const at = Array.from({ length: 10_000 }, (_, index) => from + ((to - from) / 10_000) * index);
      const values = {
        [asked.searchParams.get('aggregate') ?? 'avg']: at.map((_, index) => 0.5 + Math.sin(index / 90) / 3),
      };
      await route.fulfill({
        json: {
          from,
          to,
          step_ms: 1000,
          tier: 'raw',
          truncated: false,
          series: [{ name: 'x', labels: {}, kind: 'gauge', at, values }],
        },
      });
    });
    await page.goto(`${url}#/endpoints/api:%2Frdkit%2Fproperties`);
    await page.reload();
    const plot = page.locator('.u-over').first();
    await plot.waitFor();
    const box = (await plot.boundingBox())!;
    for (let index = 0; index < 40; index += 1) await page.mouse.move(box.x + 20 + index * 15, box.y + 40);
    const slowest = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const over = document.querySelector('.u-over')!;
          const { left, top } = over.getBoundingClientRect();
          let worst = 0;
          let count = 0;
          let before = performance.now();
          const frame = (now: number) => {
            worst = Math.max(worst, now - before);
            before = now;
            over.dispatchEvent(
              new MouseEvent('mousemove', { clientX: left + 10 + count * 12, clientY: top + 30, bubbles: true }),
            );
            if (++count < 40) requestAnimationFrame(frame);
            else resolve(worst);
          };
          requestAnimationFrame(frame);
        }),
    );
    expect(slowest).toBeLessThan(250);
    expect(problems).toEqual([]);
  });
});

describe('the keyboard', () => {
  test('goes to pages, filters, changes the theme, lists its keys and can be switched off', async () => {
    const { url } = await fixture();
    const { page } = await visit(url, { colorScheme: 'light' });
    await drawn(page);
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await expect.poll(() => page.url()).toContain('#/endpoints');
    await drawn(page);
    await page.keyboard.press('/');
    await page.keyboard.type('rdkit');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    expect(page.url()).toContain('q=rdkit');
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await page.reload();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.getByLabel('Use these keys').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    expect(page.url()).toContain('#/endpoints');
  });
});

describe('the live stream', () => {
  test('brings changes without asking', async () => {
    const served = await fixture();
    const { page } = await visit(`${served.url}#/endpoints`);
    await drawn(page);
    await says(page, 'Live');
    const check = served.story.checks.find(({ id }) => id === 'api:/api/v1/molecules')!;
    served.emit({ type: 'check', check: { ...check, status: 'error', reason: 'connection refused (192.0.2.1:443)' } });
    await page.getByText('connection refused (192.0.2.1:443)').waitFor();
    // The browser calls a broken line `error`, too: ours must not be taken for it.
    const { occurrences: _, ...group } = served.story.errors[0]!;
    served.emit({ type: 'error', group });
    await page.waitForTimeout(300);
    expect(await page.locator('.live').getAttribute('class')).toBe('live live');
  });

  test('says when it is broken, comes back, and catches up', async () => {
    const served = await fixture();
    const { page } = await visit(served.url);
    await says(page, 'Live');
    served.streams(false);
    await page.getByText('The live stream is broken.').waitFor();
    await says(page, 'Every 30 s');
    served.streams(true);
    await page.getByRole('button', { name: 'Try now' }).click();
    await says(page, 'Live');
    await page.getByText('The live stream is broken.').waitFor({ state: 'detached' });
  });

  test('falls back to asking every 30 s, and shows old data as old', async () => {
    const served = await fixture();
    const watched = await openPage(browser);
    open.push(watched);
    const { page } = watched;
    await page.clock.install();
    await page.goto(served.url);
    await drawn(page);
    served.streams(false);
    await page.clock.runFor(5000);
    await says(page, 'Every 30 s');
    const asked = page.waitForRequest((request) => request.url().endsWith('/api/overview'));
    await page.clock.runFor(31_000);
    await asked;
    served.answers(false);
    await page.clock.runFor(90_000);
    await page.getByText('The monitor does not answer.').waitFor();
    expect(await page.locator('main').getAttribute('class')).toContain('stale');
  });
});

describe('actions', () => {
  test('silence an alert with a duration and a reason, and take it back', async () => {
    const served = await fixture();
    const { page } = await visit(`${served.url}#/alerts`);
    await drawn(page);
    await page
      .getByRole('row', { name: /Memory is at 82 %/ })
      .getByRole('button', { name: 'Silence' })
      .click();
    const dialog = page.getByRole('dialog', { name: 'Silence high memory usage' });
    await dialog.getByText('4 hours').click();
    await dialog.getByLabel('Reason').fill('more memory on Monday');
    await dialog.getByRole('button', { name: 'Silence' }).click();
    await page.getByText('high memory usage is silent for 4 hours.').waitFor();
    expect(served.actions.at(-1)).toEqual({
      method: 'POST',
      path: '/silences',
      body: { alert_type: 'high_memory_usage', duration_seconds: 14_400, comment: 'more memory on Monday' },
    });
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => served.actions.at(-1)?.method).toBe('DELETE');
  });

  test('acknowledge an alert, and everybody sees by whom', async () => {
    const served = await fixture();
    const { page } = await visit(`${served.url}#/alerts/01kaz4pooler`);
    await drawn(page);
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Note for the others').fill('on it');
    await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('local has seen it').waitFor();
    expect(served.actions.at(-1)).toEqual({
      method: 'POST',
      path: '/alerts/01kaz4pooler/acknowledge',
      body: { note: 'on it' },
    });
  });

  test('resolve an error with the way back, run a check, test a channel', async () => {
    const served = await fixture();
    const { page } = await visit(`${served.url}#/errors/e2b`);
    await drawn(page);
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByRole('button', { name: 'Open again' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Resolve' }).waitFor();
    await go(page, 'databases/database:direct');
    await page.getByRole('button', { name: 'Run now' }).click();
    await expect.poll(() => served.actions.at(-1)?.path).toBe('/checks/database%3Adirect/run');
    await go(page, 'settings?tab=channels');
    await page
      .getByRole('row', { name: /webhooks\[1\]/ })
      .getByRole('button', { name: 'Send a test' })
      .click();
    await page.getByText(/the test message was not delivered .*401/).waitFor();
  });

  test('are not there for a viewer', async () => {
    const { url } = await fixture({ role: 'viewer' });
    const { page } = await visit(url);
    await drawn(page);
    for (const path of [
      'alerts',
      'alerts/01kaz4pooler',
      'errors/e1a',
      'databases/database:pooler',
      'settings?tab=channels',
    ]) {
      await go(page, path);
      expect(
        await page.getByRole('button', { name: /Silence$|Acknowledge|Resolve$|Run now|Send a test/ }).count(),
        path,
      ).toBe(0);
    }
  });

  test('ask for a login when the monitor wants one, and forget it on leaving', async () => {
    const { url } = await fixture({ login: true });
    const { page } = await visit(url);
    await page.getByLabel('User').fill('mira');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('User or password is wrong.').waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    await page.getByLabel('Password').fill('cryo');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await drawn(page);
    await says(page, 'Live');
    await page.getByRole('button', { name: 'Sign out mira' }).click();
    await page.getByRole('heading', { name: 'Monitoring' }).waitFor();
  });
});

describe('five hundred endpoints', () => {
  test('scroll with only the rows near the window in the page', async () => {
    const { url } = await fixture({ scenario: 'many' });
    const { page, problems } = await visit(`${url}#/endpoints`);
    await drawn(page);
    expect(await page.locator('tbody tr').count()).toBeLessThan(80);
    expect(await page.locator('table').getAttribute('aria-rowcount')).toBe('507');
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect.poll(() => page.locator('tbody tr[aria-rowindex="507"]').count()).toBe(1);
    expect(await page.locator('tbody tr').count()).toBeLessThan(80);
    expect(problems).toEqual([]);
  });
});
