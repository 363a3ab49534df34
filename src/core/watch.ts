import { randomUUID } from 'node:crypto';
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Collection } from 'mongodb';
import type { Alerts } from './alerts/alerts.js';
import { conditionsOf } from './alerts/conditions.js';
import type { NoticeSender } from './alerts/notice-sender.js';
import { type Clock, monotonicMs } from './clock.js';
import type { Database } from './database.js';
import { isDuplicateKey } from './errors.js';
import type { Health } from './health/health.js';
import type { HealthReason } from './health/reason.js';
import type { SlaMonitor } from './sla/monitor.js';
import type { Violations } from './sla/violations.js';
import type { RollUp } from './stats/roll-up.js';

/** Which process keeps watch. */
export const WatchTurn = defineEntity({
  name: 'WatchTurn',
  collection: 'watch',
  properties: {
    _id: p.string().primary(),
    holder: p.string(),
    /** Real time. */
    until: p.datetime(),
  },
});

/** What the watch looks after. */
export interface WatchParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly sla: Pick<SlaMonitor, 'report'>;
  readonly violations: Violations;
  readonly alerts: Alerts;
  readonly health: Health;
  readonly notices: Pick<NoticeSender, 'sendDue' | 'stop'>;
  readonly rollUp: Pick<RollUp, 'run'>;
  readonly onError: (error: unknown, doing: string) => void;
}

const ID = 'watch';
/** Seconds are what the SLA counts in. */
const TICK_MS = 1_000;
/** Whoever keeps watch has it for so long; the next process takes it over after that. */
const TURN_MS = 5_000;
const HEALTH_MS = 5_000;
const ROLL_UP_MS = 60_000;

/**
 * Looks every second whether promises are kept, and says so if not: opens and closes violations and alerts, and has them
 * told. Every process is ready for it, an API without any worker too, and one at a time does it; two at once, after a
 * stall, do each thing once all the same, because every step is a conditional write.
 */
export class Watch {
  readonly #turns: Collection<InferEntity<typeof WatchTurn>>;
  readonly #me = randomUUID();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #telling: Promise<void> | null = null;
  #rollingUp: Promise<unknown> | null = null;
  #reasons: readonly HealthReason[] = [];
  #healthAt = Number.NEGATIVE_INFINITY;
  #rolledUpAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: WatchParts) {
    this.#turns = parts.database.collection(WatchTurn);
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), TICK_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
    await this.parts.notices.stop();
    await this.#telling;
    await this.#rollingUp;
    await this.#turns.deleteOne({ _id: ID, holder: this.#me });
  }

  /** One look, if it is this process's turn; a call during one waits for that one. Never rejects: errors are reported. */
  look(): Promise<void> {
    this.#looking ??= this.#lookInTurn()
      .catch((error: unknown) => this.parts.onError(error, 'keeping watch'))
      .finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #lookInTurn(): Promise<void> {
    if (!(await this.#takeTurn())) return;
    const { sla, violations, alerts } = this.parts;
    try {
      const report = await sla.report();
      await violations.apply(report.standings);
      await alerts.sync(conditionsOf(report, await this.#health()));
    } finally {
      this.#doBeside();
    }
  }

  /** What the next look does not wait for, and what does not wait for a look that went well. */
  #doBeside(): void {
    const { notices, rollUp, onError } = this.parts;
    this.#telling ??= notices
      .sendDue()
      .catch((error: unknown) => onError(error, 'sending notices'))
      .finally(() => (this.#telling = null));
    if (this.#rollingUp || monotonicMs() - this.#rolledUpAt < ROLL_UP_MS) return;
    this.#rolledUpAt = monotonicMs();
    this.#rollingUp = rollUp
      .run()
      .catch((error: unknown) => onError(error, 'adding statistics up'))
      .finally(() => (this.#rollingUp = null));
  }

  /** True when it is this process's turn, for some seconds more. */
  async #takeTurn(): Promise<boolean> {
    const now = this.parts.clock.realNow();
    try {
      const before = await this.#turns.findOneAndUpdate(
        { _id: ID, $or: [{ holder: this.#me }, { until: { $lt: new Date(now) } }] },
        { $set: { holder: this.#me, until: new Date(now + TURN_MS) } },
        { upsert: true, returnDocument: 'before' },
      );
      if (before?.holder !== this.#me) this.parts.alerts.lookAfresh();
      return true;
    } catch (error) {
      // Another process has it.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** It changes slower than the SLA does, and costs more. */
  async #health(): Promise<readonly HealthReason[]> {
    if (monotonicMs() - this.#healthAt < HEALTH_MS) return this.#reasons;
    this.#healthAt = monotonicMs();
    this.#reasons = (await this.parts.health.check()).reasons;
    return this.#reasons;
  }
}
