import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient as createSocketClient } from 'graphql-ws';
import {
  AcknowledgeAlertDocument,
  AlertChangesDocument,
  AlertsDocument,
  ExplainDocument,
  JobEventsDocument,
  QueueStatsDocument,
  ResolveAlertDocument,
  SendNowDocument,
  SlaDocument,
  SlaUpdatedDocument,
  SlaViolationChangesDocument,
  SlaViolationsDocument,
} from '#sdk';
import type { Condition } from '../../src/core/alerts/alerts.js';
import { query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';

/** No worker: nothing that is due is ever sent, and the API alone has to say so. */
let system: System;
let users: Users;
let operator: User;
let manager: User;

beforeAll(async () => {
  system = await startSystem({
    parts: { worker: false, sandbox: false },
    // Conditions that a test makes are gone at the next look of the watch: nothing is over by itself here.
    env: { SLA_TARGET_LATENESS: '3s', SLA_WINDOW: '30s', ALERT_CLEAR_AFTER: '1h' },
  });
  users = new Users(system.url, system.core);
  operator = await users.make('olga', 'OPERATOR');
  manager = await users.make('mary', 'MANAGER');
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

const message = { channel: 'WHATSAPP', to: '+919876543210', content: { text: 'hello' } } as const;

const condition = (n: number): Condition => ({
  key: `test|${n}`,
  severity: 'NOTICE',
  source: 'test',
  message: `number ${n}`,
  figures: null,
});

describe('the SLA, live', () => {
  it('CORE-41 a dead dispatcher is LATE at the deadline, by the API alone, with the violation open', async () => {
    const statuses: string[] = [];
    const updates = operator.subscribe(SlaUpdatedDocument);
    const violations = operator.subscribe(SlaViolationChangesDocument);
    expect((await violations.next()).value).toMatchObject({
      slaViolations: { snapshot: true, change: null, violations: [] },
    });
    const first = (await updates.next()).value?.slaUpdated;
    expect(first).toMatchObject({ snapshot: true, slas: [{ status: 'QUIET', rate: null, violation: null }] });
    const { sendNow } = await manager.request(SendNowDocument, { input: message });
    const until = new Date(first?.slas[0]?.validUntil ?? 0).getTime();
    expect(until).toBeGreaterThan(new Date(first?.slas[0]?.evaluatedAt ?? 0).getTime());
    for await (const { slaUpdated } of updates) {
      const [whole] = slaUpdated.slas;
      if (whole && statuses.at(-1) !== whole.status) statuses.push(whole.status);
      if (whole?.status === 'LATE' && whole.violation) {
        expect(whole).toMatchObject({
          rate: 0,
          bad: 1,
          overdue: 1,
          violation: { severity: 'CRITICAL', open: true },
        });
        expect(whole.reasons).toContain('No worker is alive.');
        break;
      }
    }
    // At risk as soon as it is due, for nobody is there to send it.
    expect(statuses.filter((status) => status !== 'QUIET')).toEqual(['AT_RISK', 'LATE']);
    expect((await violations.next()).value).toMatchObject({
      slaViolations: {
        change: 'OPENED',
        violations: [{ policy: 'default', offenders: [{ delivery: { id: sendNow.delivery?.id } }] }],
      },
    });
    await violations.return?.();
    const { slaViolations } = await operator.request(SlaViolationsDocument);
    expect(slaViolations.nodes).toMatchObject([{ open: true, closedAt: null }]);
  });

  it('API-10 service levels and alerts are about the installation: they take OPERATOR, on every path', async () => {
    const { slaViolations } = await operator.request(SlaViolationsDocument);
    const id = slaViolations.nodes[0]?.id ?? '';
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    expect((await query(system.url, operator.key, node, { id })).body.data).toEqual({ node: { id } });
    expect((await query(system.url, manager.key, node, { id })).body.data).toEqual({ node: null });
    await expect(manager.request(SlaDocument)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(manager.request(AlertsDocument)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(manager.request(SlaViolationsDocument)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(manager.subscribe(SlaUpdatedDocument).next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(manager.subscribe(AlertChangesDocument).next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const violations = manager.subscribe(SlaViolationChangesDocument);
    await expect(violations.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('CORE-41 explains a delivery to its owner, and to nobody else', async () => {
    const { sendNow } = await manager.request(SendNowDocument, { input: message });
    const delivery = sendNow.delivery?.id ?? '';
    const { explain } = await manager.request(ExplainDocument, { delivery });
    expect(explain?.steps[0]?.text).toMatch(
      /^Due at .* and promised to be accepted by .*: 3\.0 s later at most\.$/,
    );
    expect(explain?.lost).toEqual([]);
    const other = await users.make('otto', 'MANAGER');
    expect(await other.request(ExplainDocument, { delivery })).toEqual({ explain: null });
  });
});

describe('alerts, live', () => {
  it('CORE-42 are acknowledged and settled by people, and each is told', async () => {
    await system.core.alerts.sync([condition(0)]);
    const { alerts } = await operator.request(AlertsDocument, { filter: { severity: 'NOTICE' } });
    const id = alerts.nodes[0]?.id ?? '';
    const changes = operator.subscribe(AlertChangesDocument);
    expect((await changes.next()).value?.alerts).toMatchObject({ snapshot: true, change: null });
    const { acknowledgeAlert } = await operator.request(AcknowledgeAlertDocument, { input: { id } });
    expect(acknowledgeAlert).toMatchObject({
      errors: [],
      alert: { state: 'ACKNOWLEDGED', acknowledgedBy: 'olga' },
    });
    const { resolveAlert } = await operator.request(ResolveAlertDocument, { input: { id } });
    expect(resolveAlert).toMatchObject({ errors: [], alert: { state: 'RESOLVED', resolvedBy: 'olga' } });
    for (const change of ['ACKNOWLEDGED', 'RESOLVED'])
      expect((await changes.next()).value?.alerts).toMatchObject({ change, alerts: [{ id }] });
    await changes.return?.();
    const again = await operator.request(AcknowledgeAlertDocument, { input: { id } });
    expect(again.acknowledgeAlert.errors).toMatchObject([{ code: 'INVALID_OPERATION', path: 'id' }]);
    const unknown = await operator.request(ResolveAlertDocument, { input: { id: 'nothing' } });
    expect(unknown.resolveAlert.errors).toMatchObject([{ code: 'ALERT_NOT_FOUND', path: 'id' }]);
    const refused = await manager.request(ResolveAlertDocument, { input: { id } });
    expect(refused.resolveAlert.errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  });

  it('API-7 a plain graphql-ws client that is cut off and resumes with its cursor has every event once, in order', async () => {
    const line = await Line.to(new URL(system.url));
    const numbers: number[] = [];
    let cursor = '';
    const follow = (after: string | null, enough: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const client = createSocketClient({
          url: `ws://127.0.0.1:${line.port}/graphql`,
          connectionParams: { authorization: `Bearer ${operator.key}` },
          retryAttempts: 0,
        });
        const request = {
          query: 'subscription ($after: String) { alerts(after: $after) { cursor snapshot alerts { key } } }',
          variables: { after },
        };
        const done = (): void => {
          unsubscribe();
          void client.dispose();
          resolve();
        };
        const unsubscribe = client.subscribe<{
          alerts: { cursor: string; snapshot: boolean; alerts: { key: string }[] };
        }>(request, {
          next: ({ data }) => {
            if (!data) return;
            ({ cursor } = data.alerts);
            if (data.alerts.snapshot) void open(1, 40);
            else for (const { key } of data.alerts.alerts) numbers.push(Number(key.split('|')[1]));
            // The line goes dead in the middle of what is coming.
            if (numbers.length >= 15 && !line.wasCut) line.cut();
            if (numbers.length >= enough) done();
          },
          error: () => (line.wasCut && after === null ? resolve() : reject(new Error('cut off again'))),
          complete: () => undefined,
        });
      });
    let opened: Promise<void> = Promise.resolve();
    const open = (from: number, to: number): Promise<void> => {
      opened = (async () => {
        const conditions: Condition[] = [];
        for (let n = from; n <= to; n++) {
          conditions.push(condition(n));
          await system.core.alerts.sync(conditions);
        }
      })();
      return opened;
    };
    await follow(null, Number.POSITIVE_INFINITY);
    await follow(cursor, 40);
    await opened;
    await line.stop();
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('API-7 the same over server-sent events', async () => {
    const read = async (
      after: string | null,
      enough: number,
    ): Promise<{ keys: string[]; cursor: string }> => {
      const leave = new AbortController();
      const response = await fetch(`${system.url}/graphql/stream`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operator.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          query: 'subscription ($after: String) { alerts(after: $after) { cursor snapshot alerts { key } } }',
          variables: { after },
        }),
        signal: leave.signal,
      });
      const keys: string[] = [];
      let cursor = '';
      let text = '';
      for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(
        new TextDecoderStream(),
      )) {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const json = /^data: (.+)$/m.exec(text.slice(0, end))?.[1];
          text = text.slice(end + 2);
          if (json === undefined) continue;
          const { alerts } = (
            JSON.parse(json) as {
              data: { alerts: { cursor: string; snapshot: boolean; alerts: { key: string }[] } };
            }
          ).data;
          ({ cursor } = alerts);
          if (!alerts.snapshot) keys.push(...alerts.alerts.map(({ key }) => key));
          else await system.core.alerts.sync([condition(101), condition(102), condition(103)]);
          if (keys.length >= enough) {
            leave.abort();
            return { keys, cursor };
          }
        }
      }
      throw new Error(`the stream ended after ${keys.length}`);
    };
    const before = await read(null, 2);
    const after = await read(before.cursor, 1);
    expect([...before.keys, ...after.keys]).toEqual(['test|101', 'test|102', 'test|103']);
  });
});

describe('queues and jobs, live', () => {
  it('API-7 queueStats and jobEvents begin with how things stand, and tell of changes', async () => {
    const queues = manager.subscribe(QueueStatsDocument);
    const general = (value: unknown): unknown =>
      (
        value as { queueStats: { queues: { name: string; counts: { queued: number } }[] } }
      ).queueStats.queues.find(({ name }) => name === 'general')?.counts.queued;
    const before = general((await queues.next()).value);
    await manager.request(SendNowDocument, { input: message });
    expect(general((await queues.next()).value)).toBe(Number(before) + 1);
    await queues.return?.();

    const jobs = manager.subscribe(JobEventsDocument);
    expect((await jobs.next()).value).toMatchObject({ jobEvents: { snapshot: true, runs: [] } });
    const run = { program: 'test', type: 'check', occurrence: '1' };
    await system.core.runs.begin({ owner: 'otto', ...run });
    const { run: mine } = await system.core.runs.begin({ owner: 'mary', ...run });
    await system.core.runs.end(mine._id, 'COMPLETED');
    // Another owner's run is not told.
    for (const [change, status] of [
      ['STARTED', expect.any(String)],
      ['ENDED', 'COMPLETED'],
    ] as const)
      expect((await jobs.next()).value).toMatchObject({
        jobEvents: { change, runs: [{ owner: 'mary', status }] },
      });
    await jobs.return?.();
  });
});

/** A line to the server that can be cut. */
class Line {
  wasCut = false;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(target: URL) {
    this.#server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        one.pipe(other);
      }
    });
  }

  static async to(target: URL): Promise<Line> {
    const line = new Line(target);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Both ends lose the connection at once. */
  cut(): void {
    this.wasCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
