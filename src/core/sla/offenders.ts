import { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { EVERYBODY } from '../access/caller.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { covers, type SlaPolicy } from '../delivery/sla-policy.js';
import { Event } from '../events/event.entity.js';
import type { EventType } from '../events/event-map.js';
import { Tally, type TallyDoc } from '../stats/tally.entity.js';
import type { Overdue } from './overdue.js';
import type { Offender } from './violation.entity.js';

/** So many are told of. */
const MOST = 10;
/** The newest events with failures that are looked at. */
const EVENTS = 20;
const FAILURES: readonly EventType[] = ['delivery.failed', 'delivery.dead_lettered', 'delivery.missed'];

type Known = Pick<DeliveryDoc, '_id' | 'queue' | 'program' | 'tier' | 'state' | 'dueAt' | 'lastError'>;

/** Finds who made a rate fall: what is overdue and open, what was accepted late, what failed (CORE-41). */
export class Offenders {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #tallies: Collection<TallyDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly overdue: Overdue,
  ) {
    this.#deliveries = database.collection(Delivery);
    this.#tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  }

  /** The worst of a policy in a window (engine ms), the latest first. */
  async worst(
    policy: SlaPolicy,
    window: { readonly from: number; readonly to: number },
  ): Promise<Offender[]> {
    const [open, late, failed] = await Promise.all([
      this.overdue.worst(window.to, MOST),
      this.#late(window),
      this.#failed(window.from),
    ]);
    const others = await this.#read([...late.keys(), ...failed]);
    const now = this.clock.now();
    return [...open, ...others]
      .filter((delivery) => covers(policy, delivery))
      .map(({ _id, state, dueAt, lastError }): Offender => ({
        delivery: _id,
        latenessMs: late.get(_id.toHexString()) ?? Math.max(0, now - dueAt.getTime()),
        state,
        reason: lastError?.code ?? null,
      }))
      .sort((a, b) => b.latenessMs - a.latenessMs)
      .slice(0, MOST);
  }

  /** Those that were accepted past their deadline, by hex id, with their lateness. */
  async #late(window: { readonly from: number; readonly to: number }): Promise<Map<string, number>> {
    const at = { $gte: new Date(window.from - 60_000), $lt: new Date(window.to) };
    const found = await this.#tallies
      .find({ kind: 'MINUTE', owner: EVERYBODY, at, late: { $exists: true } }, { projection: { late: 1 } })
      .toArray();
    return new Map(
      found
        .flatMap(({ late }) => late ?? [])
        .sort((a, b) => b.latenessMs - a.latenessMs)
        .slice(0, MOST)
        .map(({ delivery, latenessMs }) => [delivery.toHexString(), latenessMs]),
    );
  }

  /** Those that failed lately, by hex id. */
  async #failed(from: number): Promise<string[]> {
    const events = await this.database
      .collection(Event)
      .find(
        { writtenAt: { $gte: new Date(this.clock.toReal(from)) }, type: { $in: [...FAILURES] } },
        { hint: 'expiry', projection: { deliveries: 1 } },
      )
      .sort({ writtenAt: -1 })
      .limit(EVENTS)
      .toArray();
    return events.flatMap(({ deliveries }) => deliveries.map((id) => id.toHexString())).slice(0, MOST);
  }

  async #read(ids: readonly string[]): Promise<Known[]> {
    if (ids.length === 0) return [];
    const keys = [...new Set(ids)].map((hex) => new ObjectId(hex));
    return this.#deliveries
      .find<Known>(
        { _id: { $in: keys } },
        { projection: { queue: 1, program: 1, tier: 1, state: 1, dueAt: 1, lastError: 1 } },
      )
      .toArray();
  }
}
