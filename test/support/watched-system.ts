import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchBrowser } from './browser.js';
import { DashboardPage } from './dashboard.js';
import { type User, Users } from './graphql.js';
import { startSystem, type System, type SystemOptions } from './system.js';

/** A whole Punctual, and a browser to watch it with. */
export class WatchedSystem {
  private constructor(
    readonly browser: Browser,
    readonly system: System,
    readonly users: Users,
    /** Whose key the pages have, unless a test says otherwise. */
    readonly operator: User,
  ) {}

  /** May take `FETCH_MS` on a machine that has no browser yet. */
  static async start(options: SystemOptions = {}): Promise<WatchedSystem> {
    const browser = await launchBrowser();
    let system: System | undefined;
    try {
      system = await startSystem(options);
      const users = new Users(system.url, system.core);
      return new WatchedSystem(browser, system, users, await users.make('asha', 'OPERATOR'));
    } catch (error) {
      await browser.close();
      await system?.stop();
      throw error;
    }
  }

  /** The dashboard, as somebody with a key has it open. */
  watch(options: BrowserContextOptions = {}, key = this.operator.key): Promise<DashboardPage> {
    return DashboardPage.open(this.browser, `${this.system.url}/#key=${key}`, options);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.users.close();
    await this.system.stop();
  }
}
