import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { AlertsDocument, QueueDocument, ScheduleDocument } from '#sdk';
import { FETCH_MS } from '../support/browser.js';
import { until } from '../support/until.js';
import { WatchedSystem } from '../support/watched-system.js';

let watched: WatchedSystem;

beforeAll(async () => {
  watched = await WatchedSystem.start({ env: { SLA_TARGET_LATENESS: '1h', ALERT_CLEAR_AFTER: '1s' } });
}, FETCH_MS);
afterAll(() => watched.stop());

async function isPaused(name: string): Promise<boolean> {
  return (await watched.operator.request(QueueDocument, { name })).queue.paused;
}

/** Presses Tab until something with this name has the focus, as somebody does who has no mouse. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const names: string[] = [];
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
    if (name.test(focused)) return;
    names.push(focused);
  }
  throw new Error(`Tab leads to no ${name}, but to: ${names.join(', ')}`);
}

describe('what an operator can do', () => {
  it('CORE-42 with the keyboard alone: a queue is paused, the alert of it acknowledged and resolved, the queue resumed', async () => {
    const dashboard = await watched.watch();
    const { page } = dashboard;
    await page.getByRole('button', { name: 'Pause general' }).waitFor();
    await page.keyboard.press('q');
    await tabTo(page, /^Pause general$/);
    await page.keyboard.press('Enter');
    const question = page.getByRole('dialog', { name: 'Pause general?' });
    await question.waitFor();
    // The question keeps the focus inside, and gives it back.
    await tabTo(page, /^Cancel$/);
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect(await isPaused('general')).toBe(false);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Pause general$/);
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    await until(() => isPaused('general'));

    const input = {
      at: { after: '200ms' },
      channel: 'WHATSAPP' as const,
      to: '+919876543210',
      content: { text: 'hello' },
    };
    await watched.operator.request(ScheduleDocument, { input });
    const acknowledge = /^Acknowledge: .*general is paused/;
    await page.getByRole('button', { name: acknowledge }).waitFor();
    await page.keyboard.press('a');
    await tabTo(page, acknowledge);
    await page.keyboard.press('Enter');
    await page.getByText(/^Seen by asha/).waitFor();
    const { alerts } = await watched.operator.request(AlertsDocument, {
      filter: { states: ['ACKNOWLEDGED'] },
    });
    expect(alerts.nodes).toMatchObject([{ key: 'sla.at_risk|default' }]);
    expect(await dashboard.violations()).toEqual([]);

    await page.keyboard.press('q');
    await tabTo(page, /^Resume general$/);
    await page.keyboard.press('Enter');
    await until(async () => !(await isPaused('general')));
    // The condition is over, and so is its alert.
    await page.getByText('Nothing needs you.').waitFor();
    expect(dashboard.complaints).toEqual([]);
    await dashboard.close();
  });
});
