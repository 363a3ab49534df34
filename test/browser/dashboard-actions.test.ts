import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { AlertsDocument, QueueDocument, ScheduleBulkDocument, ScheduleDocument } from '#sdk';
import { FETCH_MS } from '../support/browser.js';
import { until } from '../support/until.js';
import { WatchedSystem } from '../support/watched-system.js';

let watched: WatchedSystem;

beforeAll(async () => {
  watched = await WatchedSystem.start({ env: { SLA_TARGET_LATENESS: '1h', ALERT_CLEAR_AFTER: '1s' } });
}, FETCH_MS);
afterAll(() => watched.stop());

/** How many messages of the general queue were given up, as the API says. */
async function failed(): Promise<number> {
  return (await watched.operator.request(QueueDocument, { name: 'general' })).queue.counts.failed;
}

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

  it('CORE-26 API-8 what was given up is shown by reason, counted before it is retried, and then retried', async () => {
    const { operator, system } = watched;
    const behaviour = `${system.sandboxUrl}/_sandbox/behaviour/whatsapp`;
    await fetch(behaviour, { method: 'PUT', body: JSON.stringify({ errorRate: 1, errorStatus: 400 }) });
    const items = Array.from({ length: 3 }, (_, i) => ({
      ...{ at: { after: '100ms' }, channel: 'WHATSAPP' as const, content: { text: 'hello' } },
      to: `+91987654321${i}`,
    }));
    await operator.request(ScheduleBulkDocument, { input: { items } });
    const dashboard = await watched.watch();
    const { page } = dashboard;
    const panel = page.getByRole('region', { name: 'Not delivered' });
    const retry = panel.getByRole('button', { name: /^Retry 3 messages with / });
    await retry.waitFor();
    await fetch(behaviour, { method: 'DELETE' });

    await retry.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^3 messages would be sent again.* Nothing is changed yet\.$/).waitFor();
    expect(await failed()).toBe(3);
    expect(await dashboard.violations()).toEqual([]);
    await dialog.getByRole('button', { name: 'Retry 3 messages' }).click();
    await dialog.getByText(/^3 messages are on the way again/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await panel.getByText('Nothing was given up.').waitFor();
    await until(async () => (await failed()) === 0);
    expect(dashboard.complaints).toEqual([]);
    await dashboard.close();
  });
});
