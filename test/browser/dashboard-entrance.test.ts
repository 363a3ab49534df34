import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { FETCH_MS, launchBrowser } from '../support/browser.js';
import { DashboardPage } from '../support/dashboard.js';
import { startSystem, type System } from '../support/system.js';

let system: System;
let browser: Browser;

beforeAll(async () => {
  [browser, system] = await Promise.all([
    launchBrowser(),
    startSystem({ parts: { worker: false, sandbox: false } }),
  ]);
}, FETCH_MS);

afterAll(async () => {
  await browser.close();
  await system.stop();
});

describe('the files', () => {
  it('API-10 a browser gets the page without a key, under a policy that permits nothing from elsewhere', async () => {
    const answer = await fetch(system.url, { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
    const page = await answer.text();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files).not.toHaveLength(0);
    for (const file of files) {
      const { status, headers } = await fetch(new URL(file, system.url));
      expect({ file, status }).toEqual({ file, status: 200 });
      expect(headers.get('cache-control')).toBe(
        file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it.each([
    ['/', 'application/json'],
    ['/assets/', 'text/html'],
    ['/assets/nothing.js', '*/*'],
    ['/assets/..%2findex.html', '*/*'],
    ['/index.html', 'text/html'],
  ])('API-2 %s for %s is NOT_FOUND, in the API’s words', async (path, accept) => {
    const answer = await fetch(`${system.url}${path}`, { headers: { accept } });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });
});

describe('the entrance', () => {
  it('API-10 asks for a key, says that a wrong one is none, and opens with a good one', async () => {
    const dashboard = await DashboardPage.open(browser, system.url);
    const { page } = dashboard;
    await page.getByLabel('API key').fill('pk_00000000_wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('does not take this key').waitFor();
    await page.getByLabel('API key').fill(system.adminKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'WHATSAPP' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'WHATSAPP' }).waitFor();
    // The browser itself complains of the answer to the wrong key.
    expect(dashboard.complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await dashboard.close();
  });

  it('SEC-4 a key in the fragment opens the page and is gone from the address; another tab does not have it', async () => {
    const dashboard = await DashboardPage.open(browser, `${system.url}/#key=${system.adminKey}`);
    await dashboard.page.getByRole('heading', { name: 'WHATSAPP' }).waitFor();
    expect(dashboard.page.url()).toBe(`${system.url}/`);
    const other = await dashboard.page.context().newPage();
    await other.goto(system.url);
    await other.getByLabel('API key').waitFor();
    await dashboard.page.getByRole('button', { name: 'Forget key' }).click();
    await dashboard.page.getByLabel('API key').waitFor();
    await dashboard.page.reload();
    await dashboard.page.getByLabel('API key').waitFor();
    expect(dashboard.complaints).toEqual([]);
    await dashboard.close();
  });

  it.each(['light', 'dark'] as const)(
    'the entrance has no fault that axe finds, in %s',
    async (colorScheme) => {
      const dashboard = await DashboardPage.open(browser, system.url, { colorScheme });
      await dashboard.page.getByLabel('API key').waitFor();
      expect(await dashboard.violations()).toEqual([]);
      await dashboard.close();
    },
  );
});
