import { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { EVERYBODY } from '../access/caller.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { coveredBy, type SlaPolicy } from '../delivery/sla-policy.js';
import { Event } from '../events/event.entity.js';
import type { EventType } from '../events/event-map.js';
import { Tally, type TallyDoc } from '../stats/tally.entity.js';
import type { Overdue } from './overdue.js';
import type { Offender } from './violation.entity.js';

/** So many are told of. */
const MOST = 10;
/** The newest events with failures that are looked at. */
const EVENTS = 20;
/** So many of the deliveries that they name are looked at. */
const MOST_READ = 500;
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
      this.overdue.worst(policy, window.to, MOST),
      this.#late(policy, window),
      this.#failed(policy, window.from),
    ]);
    const others = await this.#read(policy, [...late.keys(), ...failed]);
    const now = this.clock.now();
    // What failed may have been revived, and be overdue again.
    const each = new Map([...others, ...open].map((delivery) => [delivery._id.toHexString(), delivery]));
    return [...each.values()]
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
  async #late(
    policy: SlaPolicy,
    window: { readonly from: number; readonly to: number },
  ): Promise<Map<string, number>> {
    const at = { $gte: new Date(window.from - 60_000), $lt: new Date(window.to) };
    const found = await this.#tallies
      .find(
        { kind: 'MINUTE', owner: EVERYBODY, at, late: { $exists: true }, ...coveredBy(policy) },
        { projection: { late: 1 } },
      )
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
  async #failed(policy: SlaPolicy, from: number): Promise<string[]> {
    // Events know no tier: of all that they name, those of the policy's are read.
    const { tier: _tier, ...named } = coveredBy(policy);
    const events = await this.database
      .collection(Event)
      .find(
        { writtenAt: { $gte: new Date(this.clock.toReal(from)) }, type: { $in: [...FAILURES] }, ...named },
        { hint: 'expiry', projection: { deliveries: 1 } },
      )
      .sort({ writtenAt: -1 })
      .limit(EVENTS)
      .toArray();
    return events.flatMap(({ deliveries }) => deliveries.map((id) => id.toHexString())).slice(0, MOST_READ);
  }

  async #read(policy: SlaPolicy, ids: readonly string[]): Promise<Known[]> {
    if (ids.length === 0) return [];
    const keys = [...new Set(ids)].map((hex) => new ObjectId(hex));
    return this.#deliveries
      .find<Known>(
        { _id: { $in: keys }, ...coveredBy(policy) },
        { projection: { queue: 1, program: 1, tier: 1, state: 1, dueAt: 1, lastError: 1 } },
      )
      .toArray();
  }
}
