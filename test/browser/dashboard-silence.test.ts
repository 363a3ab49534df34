import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FETCH_MS } from '../support/browser.js';
import { WatchedSystem } from '../support/watched-system.js';

let watched: WatchedSystem;

beforeAll(async () => {
  watched = await WatchedSystem.start({ parts: { worker: false, sandbox: false } });
}, FETCH_MS);
afterAll(() => watched.stop());

describe('silence', () => {
  it('CORE-41 when the server has gone, the page says STALE by itself', async () => {
    const dashboard = await watched.watch();
    await dashboard.says('Quiet');
    await watched.system.stop();
    expect(await dashboard.says('Stale')).toMatch(/^No news for .*: the connection to the server is lost\.$/);
    expect(await dashboard.page.title()).toBe('STALE · Punctual');
    expect(await dashboard.violations()).toEqual([]);
    await dashboard.close();
  });
});
