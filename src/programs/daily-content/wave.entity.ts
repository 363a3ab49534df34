import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { Tier } from '../../core/index.js';

/** What has become of a wave's advisors, as of the last planning that went through. */
export interface WaveFigures {
  /** Deliveries that exist. */
  readonly scheduled: number;
  /** Advisors who get none, for a reason that is theirs: no content, inactive, opted out. */
  readonly skipped: number;
  /** Advisors whose delivery was refused, as for a bad address. */
  readonly failed: number;
}

/** Advisors of each tier that a wave was laid out for. */
export type TierSizes = Readonly<Record<Tier, number>>;

/**
 * How a wave was laid out when it was first planned. Who plans it again, or at the same time, or goes on after a
 * crash, lays it out by this, so that the instants come out the same although advisors have come and gone.
 */
export const Wave = defineEntity({
  name: 'Wave',
  collection: 'daily_content_waves',
  properties: {
    _id: p.type(ObjectId).primary(),
    owner: p.string(),
    /** The run's occurrence, and the period of its deliveries: a date, or a date and a time of day. */
    occurrence: p.string(),
    run: p.type(ObjectId),
    /** The date whose content it carries. */
    date: p.string(),
    timezone: p.string(),
    from: p.datetime(),
    /** The end of the window, exclusive. */
    to: p.datetime(),
    expiresAt: p.datetime(),
    sizes: p.json().$type<TierSizes>(),
    figures: p.json().$type<WaveFigures>(),
    createdAt: p.datetime(),
  },
  indexes: [
    {
      options: [
        { owner: 1, occurrence: 1 },
        { name: 'occurrence', unique: true },
      ],
    },
  ],
});

/** A wave as it stands in the database. */
export type WaveDoc = InferEntity<typeof Wave>;
