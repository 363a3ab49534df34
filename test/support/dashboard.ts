import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** What axe found, told so that a failing test says what is wrong and where. */
type Violation = { readonly id: string; readonly help: string; readonly nodes: readonly string[] };

/** What a page said that it should not have said. */
const WRONG = new Set(['error', 'warning']);

/** The dashboard in a browser, as one watcher has it. Whatever it complains of on its console is kept. */
export class DashboardPage {
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (WRONG.has(message.type())) this.complaints.push(message.text());
    });
  }

  /** A new watcher, with a storage of its own. @param url with or without a key in its fragment */
  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<DashboardPage> {
    const context = await browser.newContext(options);
    const dashboard = new DashboardPage(await context.newPage());
    await dashboard.page.goto(url);
    return dashboard;
  }

  /** Waits until it says so in large letters, and gives what it said beside them then. The test's own limit ends the wait. */
  async says(word: string): Promise<string> {
    const said = await this.page.waitForFunction(
      (wanted) =>
        document.querySelector('h1')?.textContent === wanted &&
        document.querySelector('.verdict-sentence')?.textContent,
      word,
      { timeout: 0 },
    );
    return String(await said.jsonValue()).replaceAll('\u202f', ' ');
  }

  /** What axe finds wrong with the page as it is now: nothing, or the page has a fault. */
  async violations(): Promise<Violation[]> {
    // Put into the page by the debugger: the page's own policy permits no script from elsewhere, as it should.
    await this.page.evaluate(axe.source);
    return this.page.evaluate(async () => {
      const page = globalThis as unknown as { axe: typeof axe };
      const { violations } = await page.axe.run();
      return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html }) => html) }));
    });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
