import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PauseQueueDocument, ResumeQueueDocument, ScheduleBulkDocument } from '#sdk';
import { FETCH_MS } from '../support/browser.js';
import { WatchedSystem } from '../support/watched-system.js';

/** Short, so that a promise is kept, at risk and broken within seconds. */
const SLA = { SLA_TARGET_LATENESS: '4s', SLA_WINDOW: '5s' };
const PATIENCE_MS = 60_000;

let watched: WatchedSystem;

beforeAll(async () => {
  watched = await WatchedSystem.start({ env: SLA });
}, FETCH_MS);
afterAll(() => watched.stop());

/** Messages that are due at once, more or less. */
async function send(count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, i) => ({
    at: { after: '500ms' },
    channel: 'WHATSAPP' as const,
    to: `+9198${String(i).padStart(8, '0')}`,
    content: { text: 'hello' },
  }));
  const { scheduleBulk } = await watched.operator.request(ScheduleBulkDocument, { input: { items } });
  expect(scheduleBulk.errors).toEqual([]);
}

describe('the sentence', () => {
  it(
    'CORE-41 goes from QUIET over ON TIME and AT RISK to LATE and back, in words, in the tab and for ears',
    async () => {
      const dashboard = await watched.watch();
      const { page } = dashboard;
      const input = { name: 'general' };

      expect(await dashboard.says('Quiet')).toBe('Nothing is due, and nothing is overdue.');
      await send(20);
      expect(await dashboard.says('On time')).toMatch(/nothing overdue\.$/);
      await page.getByText('All 20 on time, nothing overdue.').first().waitFor();

      await watched.operator.request(PauseQueueDocument, { input });
      await send(5);
      expect(await dashboard.says('At risk')).toMatch(/nothing overdue yet\.$/);
      await page.getByRole('listitem').getByText('The queue general is paused.', { exact: true }).waitFor();
      expect(await dashboard.says('Late')).toMatch(/5 overdue\.$/);
      expect(await page.title()).toMatch(/^LATE\b.* · Punctual$/);
      expect(await page.locator('link[rel=icon]').getAttribute('href')).toMatch(/\/late-/);
      // The status alone is announced, once.
      await page
        .getByRole('status')
        .getByText(/^Late\. /)
        .waitFor({ state: 'attached' });

      await watched.operator.request(ResumeQueueDocument, { input });
      expect(await dashboard.says('Quiet')).toBe('Nothing is due, and nothing is overdue.');
      expect(dashboard.complaints).toEqual([]);
      await dashboard.close();
    },
    PATIENCE_MS,
  );

  it('API-10 a key that may not see service levels is told so, and what it lacks', async () => {
    const viewer = await watched.users.make('asha', 'VIEWER');
    const dashboard = await watched.watch({}, viewer.key);
    await dashboard.says('Stale');
    await dashboard.page
      .getByRole('region', { name: 'Stale' })
      .getByRole('alert')
      .getByText('FORBIDDEN')
      .waitFor();
    await dashboard.close();
  });
});

describe('without a mouse', () => {
  it('every place is reached by its key, the keys are shown by "?", and single letters can be switched off', async () => {
    const dashboard = await watched.watch();
    const { page } = dashboard;
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
    await page.getByRole('heading', { name: 'Lateness' }).waitFor();
    await page.keyboard.press('l');
    expect(await focused()).toBe('Lateness');
    // From there, Tab goes on: into the choice of hours, and to the table.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Lateness in figures' }).getByRole('row').nth(1).waitFor();
    await page.keyboard.press('m');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.getByLabel('Single letters move the focus').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('w');
    expect(await focused()).not.toBe('The last wave');
    expect(dashboard.complaints).toEqual([]);
    await dashboard.close();
  });
});

describe('for everybody', () => {
  it.each([
    ['light', 1_440],
    ['dark', 1_440],
    ['light', 390],
  ] as const)(
    'the page has no fault that axe finds, and nothing is cut off: %s, %d wide',
    async (colorScheme, width) => {
      const viewport = { width, height: 900 };
      const options = { colorScheme, viewport, reducedMotion: 'reduce' as const };
      const dashboard = await watched.watch(options);
      await dashboard.page.getByRole('heading', { name: 'WHATSAPP' }).waitFor();
      expect(await dashboard.violations()).toEqual([]);
      expect(await dashboard.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await dashboard.close();
    },
  );
});
