import { ObjectId } from '@mikro-orm/mongodb';
import type { ClientSession, Collection, Filter } from 'mongodb';
import type { Caller } from '../access/caller.js';
import { type Clock, monotonicMs } from '../clock.js';
import type { Database } from '../database.js';
import type { Page } from '../delivery/filter.js';
import { isDuplicateKey, PunctualError } from '../errors.js';
import type { EventType } from '../events/event-map.js';
import { type Severity, SEVERITIES } from '../severity.js';
import type { Recorder } from '../stats/recorder.js';
import { Alert, type AlertDoc, type AlertState } from './alert.entity.js';
import { Notice } from './notice.entity.js';
import { noticesFor, type NoticeTarget } from './notices.js';

/** Something that should not be, as it is seen now. */
export type Condition = Pick<AlertDoc, 'key' | 'severity' | 'source' | 'message' | 'figures'>;

/** Which alerts. Omitted fields mean all. */
export interface AlertFilter {
  readonly states?: readonly AlertState[];
  readonly severity?: Severity;
}

/** While it lasts, figures are brought up to date so often; engine ms. */
const REFRESH_MS = 15_000;

/**
 * Alerts: one for each condition for as long as it lasts, opened by whoever sees it first (CORE-42). Each step is a
 * conditional write, with its event and its notices in the same transaction: it happens once, and is told once.
 */
export class Alerts {
  readonly #alerts: Collection<AlertDoc>;
  /** Since when (monotonic ms) a condition has not been seen, by key. */
  readonly #goneSince = new Map<string, number>();

  /** @param clearAfterMs a condition is over when it has not been seen for so long, in real ms: one that flickers is one alert */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
    private readonly targets: readonly NoticeTarget[],
    private readonly clearAfterMs: number,
  ) {
    this.#alerts = database.collection(Alert);
  }

  /** Brings the alerts in line with all the conditions that hold now. */
  async sync(conditions: readonly Condition[]): Promise<void> {
    const there = await this.#alerts.find({ openKey: { $gt: '' } }, { hint: 'open' }).toArray();
    for (const condition of conditions) {
      this.#goneSince.delete(condition.key);
      const alert = there.find(({ key }) => key === condition.key);
      if (alert) await this.#goOn(alert, condition);
      else await this.#begin(condition);
    }
    const seen = new Set(conditions.map(({ key }) => key));
    for (const alert of there) if (!seen.has(alert.key)) await this.#endIfGone(alert);
  }

  /** Whoever begins to look has not seen what was there meanwhile: what was gone then may have come back in between. */
  lookAfresh(): void {
    this.#goneSince.clear();
  }

  /** @throws ALERT_NOT_FOUND, INVALID_OPERATION when it is resolved */
  acknowledge(caller: Caller, id: ObjectId): Promise<AlertDoc> {
    const now = this.clock.date();
    const set = {
      state: 'ACKNOWLEDGED' as const,
      acknowledgedAt: now,
      acknowledgedBy: caller.owner,
      updatedAt: now,
    };
    return this.#byHand(id, ['OPEN'], 'ACKNOWLEDGED', set, 'alert.acknowledged');
  }

  /**
   * Settles an alert. While its condition lasts all the same, it does not open again.
   * @throws ALERT_NOT_FOUND
   */
  resolve(caller: Caller, id: ObjectId): Promise<AlertDoc> {
    const now = this.clock.date();
    const set = { state: 'RESOLVED' as const, resolvedAt: now, resolvedBy: caller.owner, updatedAt: now };
    return this.#byHand(id, ['OPEN', 'ACKNOWLEDGED'], 'RESOLVED', set, 'alert.resolved');
  }

  find(id: ObjectId): Promise<AlertDoc | null> {
    return this.#alerts.findOne({ _id: id });
  }

  /** Newest first. */
  async list(
    { states, severity }: AlertFilter,
    { first, after }: Page,
  ): Promise<{ items: AlertDoc[]; hasMore: boolean }> {
    const query: Filter<AlertDoc> = {};
    if (states) query.state = { $in: [...states] };
    if (severity !== undefined) query.severity = severity;
    if (after) query._id = { $lt: after };
    const found = await this.#alerts
      .find(query)
      .sort({ _id: -1 })
      .limit(first + 1)
      .toArray();
    return { items: found.slice(0, first), hasMore: found.length > first };
  }

  async #begin(condition: Condition): Promise<void> {
    const now = this.clock.date();
    const alert: AlertDoc = {
      _id: new ObjectId(),
      ...condition,
      openKey: condition.key,
      state: 'OPEN',
      openedAt: now,
      updatedAt: now,
      acknowledgedAt: null,
      acknowledgedBy: null,
      resolvedAt: null,
      resolvedBy: null,
    };
    try {
      await this.database.transaction(async (session) => {
        await this.#alerts.insertOne(alert, { session });
        await this.#notify(alert, 'OPENED', session);
        await this.#tell('alert.opened', alert, session);
      });
    } catch (error) {
      // Another process was first: it is one alert.
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async #goOn(alert: AlertDoc, { severity, message, figures }: Condition): Promise<void> {
    // Somebody has settled it: that it lasts is no news.
    if (alert.state === 'RESOLVED') return;
    const now = this.clock.date();
    const set = { severity, message, figures, updatedAt: now };
    const isWorse = SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(alert.severity);
    if (isWorse) await this.#change(alert, set, 'alert.updated');
    else if (now.getTime() - alert.updatedAt.getTime() >= REFRESH_MS)
      await this.#alerts.updateOne({ _id: alert._id, updatedAt: alert.updatedAt }, { $set: set });
  }

  async #endIfGone(alert: AlertDoc): Promise<void> {
    const since = this.#goneSince.get(alert.key) ?? monotonicMs();
    this.#goneSince.set(alert.key, since);
    if (monotonicMs() - since < this.clearAfterMs) return;
    this.#goneSince.delete(alert.key);
    if (alert.state === 'RESOLVED') {
      await this.#alerts.updateOne({ _id: alert._id }, { $set: { openKey: null } });
      return;
    }
    const now = this.clock.date();
    await this.#change(
      alert,
      { state: 'RESOLVED', openKey: null, resolvedAt: now, updatedAt: now },
      'alert.resolved',
    );
  }

  async #change(alert: AlertDoc, set: Partial<Omit<AlertDoc, '_id'>>, type: EventType): Promise<void> {
    await this.database.transaction(async (session) => {
      const changed = await this.#alerts.findOneAndUpdate(
        { _id: alert._id, state: alert.state, updatedAt: alert.updatedAt },
        { $set: set },
        { session, returnDocument: 'after' },
      );
      if (!changed) return;
      if (type === 'alert.resolved') await this.#notify(changed, 'RESOLVED', session);
      await this.#tell(type, changed, session);
    });
  }

  #byHand(
    id: ObjectId,
    from: readonly AlertState[],
    to: AlertState,
    set: Partial<Omit<AlertDoc, '_id'>>,
    type: EventType,
  ): Promise<AlertDoc> {
    return this.database.transaction(async (session) => {
      const changed = await this.#alerts.findOneAndUpdate(
        { _id: id, state: { $in: [...from] } },
        { $set: set },
        { session, returnDocument: 'after' },
      );
      if (changed) {
        if (type === 'alert.resolved') await this.#notify(changed, 'RESOLVED', session);
        await this.#tell(type, changed, session);
        return changed;
      }
      const there = await this.#alerts.findOne({ _id: id }, { session });
      if (!there) throw new PunctualError('ALERT_NOT_FOUND', 'there is no such alert', { path: 'id' });
      // Done already: asking twice is no mistake.
      if (there.state === to) return there;
      throw new PunctualError('INVALID_OPERATION', `an alert that is ${there.state} cannot become ${to}`, {
        path: 'id',
      });
    });
  }

  async #notify(alert: AlertDoc, change: 'OPENED' | 'RESOLVED', session: ClientSession): Promise<void> {
    const notices = noticesFor(alert, change, this.targets);
    if (notices.length > 0) await this.database.collection(Notice).insertMany(notices, { session });
  }

  /** The event holds the alert as it was: who resumes later is told what happened, not how it ended. */
  #tell(type: EventType, alert: AlertDoc, session: ClientSession): Promise<void> {
    return this.recorder.announce(type, { reason: alert.key, data: { ...alert } }, session);
  }
}
