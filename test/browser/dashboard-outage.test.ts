import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SlaViolationsDocument, type SlaViolationsQuery } from '#sdk';
import { FETCH_MS } from '../support/browser.js';
import { CliProcess } from '../support/cli-process.js';
import type { DashboardPage } from '../support/dashboard.js';
import { WatchedSystem } from '../support/watched-system.js';
import { until } from '../support/until.js';

/** Minutes become seconds, so that what an outage does to a morning is seen within half a minute. */
const HASTE = {
  ...{ SLA_TARGET_LATENESS: '5s', SLA_WINDOW: '6s' },
  // One of sixty is not yet too many.
  ...{ SLA_TARGET: '0.9', SLA_WARNING_BELOW: '0.85', SLA_CRITICAL_BELOW: '0.8' },
  ...{ BREAKER_FAILURES: '5', BREAKER_OPEN: '1s', ALERT_CLEAR_AFTER: '3s' },
  WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwMfKQ9r8GKY',
};
const DEMO = ['demo', '--json', '--recipients', '300', '--in', '2s', '--window', '28s'];
const PATIENCE_MS = 120_000;

/** Where the moments are kept as pictures: `DASHBOARD_PICTURES=docs`. Nowhere when it is not set. */
const PICTURES = process.env['DASHBOARD_PICTURES'];

let watched: WatchedSystem;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
  const env = { ...HASTE, ALERT_EMAIL: 'ops@example.org', ALERT_WEBHOOK: receiver.url };
  watched = await WatchedSystem.start({ env });
}, FETCH_MS);
afterAll(async () => {
  await receiver.stop();
  await watched.stop();
});

describe('an outage in the middle of a wave', () => {
  it(
    'CORE-41 CORE-42 turns the page from ON TIME over AT RISK to LATE and back; one violation opens and closes, one mail and one webhook tell of it',
    async () => {
      const viewport = { width: 1_280, height: 1_060 };
      const dashboard = await watched.watch({ viewport });
      await dashboard.says('Quiet');
      const { url, adminKey, env } = watched.system;
      const demo = new CliProcess(DEMO, {
        env: { ...env, PUNCTUAL_URL: url, PUNCTUAL_API_KEY: adminKey },
      });

      expect(await dashboard.says('On time')).toMatch(/nothing overdue\.$/);
      await dashboard.page.getByText(/^\d\d of 300 done$/).waitFor();
      await picture(dashboard, 'on-time');

      await outage(true);
      expect(await dashboard.says('At risk')).toMatch(/nothing overdue yet\.$/);
      await dashboard.page
        .getByText(/the provider has failed \d+ times in a row/)
        .first()
        .waitFor();
      await picture(dashboard, 'at-risk');
      expect(await dashboard.says('Late')).toMatch(/% on time, \d+ overdue\.$/);
      await dashboard.page.getByText(/A violation is open since/).waitFor();
      await picture(dashboard, 'late');
      expect(await openViolations()).toHaveLength(1);

      await outage(false);
      await dashboard.says('On time');
      await dashboard.page.getByText(/A violation is open since/).waitFor({ state: 'detached' });
      await picture(dashboard, 'on-time-again');
      expect(await demo.ended).toBe(0);
      await dashboard.says('Quiet');

      const [violation, ...others] = await violations();
      expect(others).toEqual([]);
      expect(violation).toMatchObject({ policy: 'default', open: false });
      expect(violation?.closedAt).not.toBeNull();
      await until(async () => (await mails()).length === 2 && receiver.of('sla.late|default').length === 2);
      expect((await mails()).map(({ subject }) => subject)).toEqual([
        expect.stringMatching(/^\[(CRITICAL|WARNING|NOTICE)\] \d.* accepted in time/),
        expect.stringMatching(/^\[RESOLVED\] \d.* accepted in time/),
      ]);
      expect(receiver.of('sla.late|default')).toEqual(['alert.opened', 'alert.resolved']);
      expect(dashboard.complaints).toEqual([]);
      await dashboard.close();
    },
    PATIENCE_MS,
  );
});

/** The provider fails every request, or works again. */
async function outage(outage: boolean): Promise<void> {
  const body = JSON.stringify({ outage });
  const answer = await fetch(`${watched.system.sandboxUrl}/_sandbox/behaviour/whatsapp`, {
    method: 'PUT',
    body,
  });
  expect(answer.status).toBe(200);
}

async function violations(): Promise<SlaViolationsQuery['slaViolations']['nodes']> {
  return (await watched.operator.request(SlaViolationsDocument, {})).slaViolations.nodes;
}

async function openViolations(): Promise<SlaViolationsQuery['slaViolations']['nodes']> {
  return (await violations()).filter(({ open }) => open);
}

/** What the sandbox's mail server has taken about the condition, oldest first. */
async function mails(): Promise<{ readonly subject: string }[]> {
  const answer = await fetch(`${watched.system.sandboxUrl}/_sandbox/mail?after=0`);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => JSON.parse(line) as { subject: string; text: string })
    .filter(({ text }) => text.includes('(sla.late|default)'));
}

async function picture({ page }: DashboardPage, moment: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/dashboard-${moment}.png` });
  if (moment !== 'late') return;
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: `${PICTURES}/dashboard-${moment}-dark.png` });
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Whoever is told of alerts by webhook. */
class Receiver {
  readonly #told: { readonly type: string; readonly key: string }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => {
        const { type, data } = JSON.parse(text) as { type: string; data: { key: string } };
        receiver.#told.push({ type, key: data.key });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/alerts`;
  }

  /** What it was told about a condition, in order. */
  of(key: string): string[] {
    return this.#told.filter((told) => told.key === key).map(({ type }) => type);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.closeAllConnections();
      this.server.close(() => resolve());
    });
  }
}
