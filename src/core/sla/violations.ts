import { ObjectId } from '@mikro-orm/mongodb';
import type { ClientSession, Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import type { Page } from '../delivery/filter.js';
import type { SlaPolicy } from '../delivery/sla-policy.js';
import { isDuplicateKey } from '../errors.js';
import type { EventType } from '../events/event-map.js';
import { type Severity, SEVERITIES } from '../severity.js';
import type { Recorder } from '../stats/recorder.js';
import type { Offenders } from './offenders.js';
import type { Standing } from './standing.js';
import { SlaViolation, type SlaViolationDoc } from './violation.entity.js';

/** While it is open, its figures are told anew so often, engine ms; at once when it becomes worse. */
const UPDATE_MS = 5_000;

/**
 * Opens, updates and closes violations as the standings say (CORE-41). Each step is one conditional write with its event
 * in the same transaction: whoever looks, and however many do, each happens once.
 */
export class Violations {
  readonly #violations: Collection<SlaViolationDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
    private readonly offenders: Offenders,
  ) {
    this.#violations = database.collection(SlaViolation);
  }

  /** Brings the violations in line with how the policies stand. */
  async apply(standings: readonly Standing[]): Promise<void> {
    const open = await this.open();
    for (const standing of standings) {
      const there = open.find(({ policy }) => policy === standing.policy.name);
      const { rate, policy } = standing;
      const isBelow = rate !== null && rate < policy.target;
      if (isBelow && !there) await this.#begin(standing, rate);
      else if (isBelow && there) await this.#goOn(there, standing, rate);
      else if (there) await this.#close(there, standing);
    }
    // A policy that is no longer configured has nobody to close it.
    for (const there of open) {
      if (!standings.some(({ policy }) => policy.name === there.policy)) await this.#close(there, null);
    }
  }

  /** Those that are open now. */
  open(): Promise<SlaViolationDoc[]> {
    return this.#violations.find({ openPolicy: { $gt: '' } }, { hint: 'open' }).toArray();
  }

  find(id: ObjectId): Promise<SlaViolationDoc | null> {
    return this.#violations.findOne({ _id: id });
  }

  /** Newest first. */
  async list({ first, after }: Page): Promise<{ items: SlaViolationDoc[]; hasMore: boolean }> {
    const found = await this.#violations
      .find(after ? { _id: { $lt: after } } : {})
      .sort({ _id: -1 })
      .limit(first + 1)
      .toArray();
    return { items: found.slice(0, first), hasMore: found.length > first };
  }

  async #begin(standing: Standing, rate: number): Promise<void> {
    const now = this.clock.date();
    const { name } = standing.policy;
    const doc: SlaViolationDoc = {
      _id: new ObjectId(),
      policy: name,
      openPolicy: name,
      openedAt: now,
      closedAt: null,
      worstRate: rate,
      ...(await this.#figures(standing, rate, now)),
    };
    try {
      await this.database.transaction(async (session) => {
        await this.#violations.insertOne(doc, { session });
        await this.#tell('sla.violation_opened', doc, session);
      });
    } catch (error) {
      // Another process was first: it is one violation.
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async #goOn(there: SlaViolationDoc, standing: Standing, rate: number): Promise<void> {
    const now = this.clock.date();
    const severity = severityOf(standing.policy, rate);
    const isWorse = SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(there.severity);
    const isNews = standing.good !== there.good || standing.bad !== there.bad;
    if (!isWorse && (!isNews || now.getTime() - there.updatedAt.getTime() < UPDATE_MS)) {
      // No news yet, but the lowest rate is the lowest of all looks.
      if (rate < there.worstRate)
        await this.#violations.updateOne(
          { _id: there._id, openPolicy: there.policy },
          { $min: { worstRate: rate } },
        );
      return;
    }
    const worstRate = Math.min(there.worstRate, rate);
    await this.#change(there, 'sla.violation_updated', {
      worstRate,
      ...(await this.#figures(standing, rate, now)),
    });
  }

  async #close(there: SlaViolationDoc, standing: Standing | null): Promise<void> {
    const now = this.clock.date();
    const last = standing
      ? {
          window: { from: new Date(standing.window.from), to: new Date(standing.window.to) },
          good: standing.good,
          bad: standing.bad,
          ...(standing.rate === null ? {} : { rate: standing.rate }),
        }
      : {};
    await this.#change(there, 'sla.violation_closed', {
      ...last,
      openPolicy: null,
      closedAt: now,
      updatedAt: now,
    });
  }

  async #change(
    there: SlaViolationDoc,
    type: EventType,
    set: Partial<Omit<SlaViolationDoc, '_id'>>,
  ): Promise<void> {
    await this.database.transaction(async (session) => {
      const changed = await this.#violations.findOneAndUpdate(
        { _id: there._id, openPolicy: there.policy, updatedAt: there.updatedAt },
        { $set: set },
        { session, returnDocument: 'after' },
      );
      if (changed) await this.#tell(type, changed, session);
    });
  }

  /** The event holds the violation as it was: who resumes later is told what happened, not how it ended. */
  #tell(type: EventType, doc: SlaViolationDoc, session: ClientSession): Promise<void> {
    return this.recorder.announce(type, { reason: doc.policy, data: { ...doc } }, session);
  }

  async #figures(
    standing: Standing,
    rate: number,
    now: Date,
  ): Promise<Omit<SlaViolationDoc, '_id' | 'policy' | 'openPolicy' | 'openedAt' | 'closedAt' | 'worstRate'>> {
    const { policy, window, good, bad } = standing;
    return {
      severity: severityOf(policy, rate),
      updatedAt: now,
      window: { from: new Date(window.from), to: new Date(window.to) },
      target: policy.target,
      rate,
      good,
      bad,
      offenders: await this.offenders.worst(policy, window),
    };
  }
}

/** How bad it is to be below the target (CORE-40). */
export function severityOf(policy: SlaPolicy, rate: number): Severity {
  if (rate < policy.criticalBelow) return 'CRITICAL';
  return rate < policy.warningBelow ? 'WARNING' : 'NOTICE';
}
