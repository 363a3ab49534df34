import type { Client } from '#sdk';
import {
  AssignContentDocument,
  ChannelsDocument,
  createClient,
  CreateApiKeyDocument,
  DeliveriesDocument,
  ImportAdvisorsDocument,
  ImportContentsDocument,
  RevokeApiKeyDocument,
  RunProgressDocument,
  ScheduleDailyDocument,
} from '#sdk';
import type { Clock } from '../core/clock.js';
import { PunctualError } from '../core/errors.js';
import { advisorCsvs, CONTENT_ID, contentCsv } from './demo-data.js';
import type { DeliveryRecord, DemoReport } from './demo-report.js';
import { report } from './demo-report.js';
import type { DemoServer } from './demo-server.js';
import { FAULTS, SandboxClient } from './demo-sandbox.js';
import { ProgressBar } from './progress-bar.js';

export interface DemoOptions {
  readonly recipients: number;
  /** From now to the start of the wave, in ms of engine time. */
  readonly inMs: number;
  /** How long the wave is spread, likewise. */
  readonly windowMs: number;
  readonly faults: boolean;
}

/** What the demo needs to know of the configuration. */
interface Setting {
  readonly clock: Clock;
  readonly targetLatenessMs: number;
  readonly say: (line: string) => void;
  /** Ends the demo before its time, in order. */
  readonly signal: AbortSignal;
}

/** Beyond the wave's own time: retries take 35 s, an open breaker a minute. */
const PATIENCE_MS = 180_000;

/** Imports, plans, watches and judges one wave. */
export async function runDemo(
  server: DemoServer,
  options: DemoOptions,
  setting: Setting,
): Promise<DemoReport> {
  const { say, signal } = setting;
  const sandbox = new SandboxClient(server.sandboxUrl);
  const already = await sandbox.arrived();
  const user = await demoUser(server, say);
  try {
    const limitPerSecond = await whatsAppLimit(user.client);
    signal.throwIfAborted();
    await importAll(user.client, options.recipients, setting.clock);
    say(`Imported ${options.recipients} advisors and a content.`);
    const restore = options.faults ? await sandbox.disturb(FAULTS) : undefined;
    try {
      const run = await plan(user.client, options);
      say(`Planned ${options.recipients} deliveries; the wave begins in ${options.inMs / 1000} s.`);
      await watch(user.client, run, waitMs(options, limitPerSecond, setting.clock), signal);
      signal.throwIfAborted();
      return report({
        deliveries: await deliveriesOf(user.client, run, setting.clock),
        ledger: await sandbox.ledger(already),
        planned: options.recipients,
        limitPerSecond,
        targetLatenessMs: setting.targetLatenessMs,
      });
    } finally {
      await restore?.();
    }
  } finally {
    await user.leave();
  }
}

/**
 * A user of the demo's own, so that neither earlier demos nor other people's recipients are in its figures. Where our
 * key may not make keys, its own user has to do.
 */
async function demoUser({ url, apiKey }: DemoServer, say: (line: string) => void) {
  const admin = createClient({ url, apiKey });
  const owner = `demo-${Date.now().toString(36)}`;
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const input = { name: 'punctual demo', owner, role: 'MANAGER', expiresAt } as const;
  const { createApiKey: made } = await admin.request(CreateApiKeyDocument, { input });
  if (made.key == null || made.apiKey == null) {
    say('This key may not make keys: the demo runs as its own user, with whatever that user has.');
    return { client: admin, leave: () => admin.close() };
  }
  const id = made.apiKey.id;
  const client = createClient({ url, apiKey: made.key });
  return {
    client,
    leave: async () => {
      await client.close();
      await admin.request(RevokeApiKeyDocument, { input: { id } });
      await admin.close();
    },
  };
}

async function whatsAppLimit(client: Client): Promise<number> {
  const { channels } = await client.request(ChannelsDocument);
  const whatsApp = channels.find(({ channel }) => channel === 'WHATSAPP');
  if (!whatsApp) throw new PunctualError('CHANNEL_NOT_FOUND', 'the server has no WhatsApp channel');
  return whatsApp.perSecond ?? Number.POSITIVE_INFINITY;
}

async function importAll(client: Client, recipients: number, clock: Clock): Promise<void> {
  const contents = await client.request(ImportContentsDocument, { input: { csv: contentCsv() } });
  mustBeWhole(contents.importContents.errors);
  for (const csv of advisorCsvs(recipients)) {
    const advisors = await client.request(ImportAdvisorsDocument, { input: { csv } });
    mustBeWhole(advisors.importAdvisors.errors);
  }
  // The date in the program's zone is yesterday's, today's or tomorrow's of UTC; one that is over is refused.
  const dates = [-1, 0, 1].map((days) =>
    new Date(clock.now() + days * 86_400_000).toISOString().slice(0, 10),
  );
  const refused = [];
  for (const date of dates) {
    const { assignContent } = await client.request(AssignContentDocument, {
      input: { date, content: CONTENT_ID },
    });
    refused.push(assignContent.errors);
  }
  if (refused.every(({ length }) => length > 0)) mustBeWhole(refused.flat());
}

/** @returns the run's id */
async function plan(client: Client, { recipients, inMs, windowMs }: DemoOptions): Promise<string> {
  const input = { at: { after: `${inMs}ms` }, window: { after: `${windowMs}ms` } };
  const { scheduleDaily } = await client.request(ScheduleDailyDocument, { input });
  mustBeWhole(scheduleDaily.errors);
  const { wave, scheduled, remarks } = scheduleDaily;
  if (!wave || scheduled !== recipients) {
    const why = remarks[0] ? `: ${remarks[0].code} ${remarks[0].message}` : '';
    throw new PunctualError(
      'INVALID_OPERATION',
      `${scheduled} of ${recipients} deliveries were planned${why}`,
    );
  }
  return wave.run.id;
}

/** Draws the progress until the run is finished, or patience is; what is missing then is in the report. */
async function watch(client: Client, run: string, patienceMs: number, ended: AbortSignal): Promise<void> {
  const bar = new ProgressBar({ label: 'Wave' });
  const signal = AbortSignal.any([ended, AbortSignal.timeout(patienceMs)]);
  try {
    for await (const { runProgress } of client.subscribe(
      RunProgressDocument,
      { run, minInterval: '200ms' },
      { signal },
    )) {
      const { done, planned, failed, counts, finished } = runProgress.progress;
      const notes = [
        counts.retrying > 0 && `${counts.retrying} retrying`,
        failed > 0 && `${failed} failed`,
      ].filter(Boolean);
      bar.update(done, planned, notes.join(', '));
      if (finished) break;
    }
  } finally {
    bar.end();
  }
}

function waitMs({ recipients, inMs, windowMs }: DemoOptions, limitPerSecond: number, clock: Clock): number {
  const realMs = clock.toReal(inMs + windowMs) - clock.toReal(0);
  return realMs + (recipients / limitPerSecond) * 1000 + PATIENCE_MS;
}

async function deliveriesOf(client: Client, run: string, clock: Clock): Promise<DeliveryRecord[]> {
  const records: DeliveryRecord[] = [];
  const deliveries = client.pages(DeliveriesDocument, { filter: { run } });
  for await (const { key, state, dueAt, attempts } of deliveries) {
    // The ledger is in real time; the engine's may be virtual.
    records.push({ key, state, dueAt: clock.toReal(Date.parse(dueAt)), attempts });
  }
  return records;
}

function mustBeWhole(errors: readonly { readonly code: string; readonly message: string }[]): void {
  const [first] = errors;
  if (first)
    throw new PunctualError(
      'VALIDATION_ERROR',
      `the server refused the demo's data: ${first.code} ${first.message}`,
    );
}
