import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName } from '../channel/channel.js';
import type { Tier } from '../delivery/rank.js';
import type { DelayCause } from '../delivery/delay.js';
import type { DeliveryState } from '../delivery/states.js';
import type { Histogram } from './histogram.js';
import type { JudgementField } from './judgement.js';
import { mongoIndex } from '../mongo-index.js';

/**
 * What a tally counts:
 * - NOW: how many deliveries are in each state at present (`counts`), and what has ever happened (the rest), one for each
 *   combination of dimensions;
 * - MINUTE: what happened in one minute of engine time, by how many `counts` changed in it, and what was promised for it;
 * - HOUR, DAY (of UTC): minutes added up, once they are over: see roll-up.ts;
 * - RUN: like NOW, for one run.
 */
export type TallyKind = 'NOW' | 'MINUTE' | 'HOUR' | 'DAY' | 'RUN';

/**
 * Counters, written in the transaction of the change that they count. A tally is spread over shards, one for each
 * writer, so that concurrent writers do not wait for one another; readers add the shards up.
 */
export const Tally = defineEntity({
  name: 'Tally',
  collection: 'tallies',
  properties: {
    /** Kind, dimensions and shard in one string. */
    _id: p.string().primary(),
    kind: p.string().$type<TallyKind>(),
    /** An owner, or EVERYBODY. */
    owner: p.string(),
    /** The start of the minute, hour or day; null for NOW and RUN. */
    at: p.datetime().strictNullable(),
    run: p.string().strictNullable(),
    queue: p.string(),
    channel: p.string().$type<ChannelName>(),
    tier: p.string().$type<Tier>(),
    program: p.string().strictNullable(),
    /** NOW and RUN: deliveries in each state; else by how much that changed. Single shards may be negative. */
    counts: p.json().$type<Partial<Record<DeliveryState, number>>>(),
    /** Moves into each state; CREATED counts what was accepted into Punctual. */
    moved: p.json().$type<Partial<Record<DeliveryState | 'CREATED', number>>>(),
    /** Accepted by the provider by its deadline. */
    onTime: p.integer(),
    /** MINUTE: what the SLA counts, by second of the minute, 0 to 59: see judgement.ts. */
    sla: p.json().$type<Readonly<Record<string, SlaSecond>>>(),
    /** HOUR and DAY: judged good, and judged bad, those that were overdue among them. */
    slaGood: p.integer(),
    slaBad: p.integer(),
    /** Of what was accepted: where its lateness went, in ms by cause. */
    lost: p.json().$type<Partial<Record<DelayCause, number>>>(),
    /** The latest few that were accepted past their deadline. */
    late: p.json().$type<readonly LateOne[]>(),
    latenessSum: p.double().$type<number>(),
    latenessMax: p.double().$type<number>(),
    lateness: p.json().$type<Histogram>(),
    providerSum: p.double().$type<number>(),
    providerMax: p.double().$type<number>(),
    provider: p.json().$type<Histogram>(),
  },
  indexes: [
    mongoIndex('window', { kind: 1, owner: 1, at: 1 }),
    // All owners', for the roll-up.
    mongoIndex('rolling', { kind: 1, at: 1 }),
    mongoIndex('run', { run: 1 }, { partialFilterExpression: { kind: 'RUN' } }),
  ],
});

/** A delivery that was accepted past its deadline. */
export interface LateOne {
  readonly delivery: ObjectId;
  readonly latenessMs: number;
}

/** What the SLA counts in one second. What was never counted is absent. */
export type SlaSecond = Readonly<Partial<Record<JudgementField, number>>>;

/** A tally as it stands in the database: fields that were never counted are absent. */
export type TallyDoc = Pick<
  InferEntity<typeof Tally>,
  '_id' | 'kind' | 'owner' | 'at' | 'run' | 'queue' | 'channel' | 'tier' | 'program'
> &
  Partial<InferEntity<typeof Tally>>;
