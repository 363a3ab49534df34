import { Field, InputType, registerEnumType } from 'type-graphql';
import {
  type ChannelName,
  type Clock,
  parseDuration,
  PunctualError,
  type Series,
  type StatsFilter,
  type Tier,
} from '../../core/index.js';
import { ChannelEnum, TierEnum } from '../../schema/enums.js';
import { DateTime, Duration, readDateTime } from '../../schema/scalars.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Longest window, in ms: a leap year. */
const LONGEST_MS = 366 * 24 * HOUR_MS;
/** Points in one answer of `history`. */
const MOST_POINTS = 1_500;

export const SeriesEnum: Record<Series, Series> = {
  DELIVERIES: 'DELIVERIES',
  LATENCY: 'LATENCY',
  SLA: 'SLA',
  QUEUE_DEPTH: 'QUEUE_DEPTH',
};
registerEnumType(SeriesEnum, {
  name: 'HistorySeries',
  description: 'What a history shows.',
  valuesConfig: {
    DELIVERIES: {
      description: 'How many were accepted, sent, delivered, read, failed and so on in each bucket.',
    },
    LATENCY: { description: "Lateness and the provider's latency in each bucket, in ms." },
    SLA: { description: 'How many ended in each bucket, how many of them on time, and the rate.' },
    QUEUE_DEPTH: { description: "How many were waiting at each bucket's end." },
  },
});

@InputType('StatsFilter', { description: 'Whose figures: of what meets all that is given.' })
export class StatsFilterInput {
  @Field(() => String, { nullable: true, description: 'In this queue.' })
  queue?: string | null;

  @Field(() => ChannelEnum, { nullable: true, description: 'Through this channel.' })
  channel?: ChannelName | null;

  @Field(() => TierEnum, { nullable: true, description: 'Of this tier.' })
  tier?: Tier | null;

  @Field(() => String, { nullable: true, description: 'Made by this program.' })
  program?: string | null;
}

@InputType('WindowInput', {
  description:
    'A stretch of time, counted in whole minutes: `last`, or `from` and `to`. The last hour when omitted.',
})
export class WindowInput {
  @Field(() => Duration, { nullable: true, description: 'So long, up to now; up to 366 days.' })
  last?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Beginning, inclusive.' })
  from?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'End, exclusive; now when omitted.' })
  to?: string | null;
}

/** A window as the core takes it. */
export interface TimeWindow {
  readonly from: Date;
  readonly to: Date;
}

/** Reads a window. @throws VALIDATION_ERROR */
export function readWindow(input: WindowInput | null | undefined, clock: Clock): TimeWindow {
  const last = input?.last;
  const from = input?.from;
  const to = input?.to;
  if (last != null && (from != null || to != null)) {
    throw new PunctualError('VALIDATION_ERROR', 'last goes without from and to', { path: 'window.last' });
  }
  if (to != null && from == null) {
    throw new PunctualError('VALIDATION_ERROR', 'to needs a from', { path: 'window.from' });
  }
  const end = to == null ? new Date(clock.now()) : readDateTime(to, 'window.to', 'VALIDATION_ERROR');
  const length = last == null ? HOUR_MS : parseDuration(last, 'window.last');
  const start =
    from == null ? new Date(end.getTime() - length) : readDateTime(from, 'window.from', 'VALIDATION_ERROR');
  return checkWindow(start, end, 'window');
}

/** Reads a window of which both ends are given. @throws VALIDATION_ERROR */
export function readFromTo(from: string, to: string): TimeWindow {
  return checkWindow(
    readDateTime(from, 'from', 'VALIDATION_ERROR'),
    readDateTime(to, 'to', 'VALIDATION_ERROR'),
    'to',
  );
}

/** @throws VALIDATION_ERROR */
function checkWindow(from: Date, to: Date, path: string): TimeWindow {
  const length = to.getTime() - from.getTime();
  if (length <= 0) throw new PunctualError('VALIDATION_ERROR', 'a window ends after it begins', { path });
  if (length > LONGEST_MS)
    throw new PunctualError('VALIDATION_ERROR', 'a window may be 366 days long', { path });
  return { from, to };
}

/** Reads a bucket's length, in minutes. @throws VALIDATION_ERROR */
export function readBucket(text: string, { from, to }: TimeWindow): number {
  const minutes = parseDuration(text, 'bucket') / MINUTE_MS;
  if (!Number.isInteger(minutes)) {
    throw new PunctualError('VALIDATION_ERROR', 'a bucket is whole minutes long', { path: 'bucket' });
  }
  const points = (to.getTime() - from.getTime()) / (minutes * MINUTE_MS);
  if (points > MOST_POINTS) {
    throw new PunctualError(
      'VALIDATION_ERROR',
      `that makes more than ${MOST_POINTS} points: take a longer bucket`,
      { path: 'bucket' },
    );
  }
  return minutes;
}

/** Reads a filter. */
export function readStatsFilter(input: StatsFilterInput | null | undefined): StatsFilter {
  if (!input) return {};
  const { queue, channel, tier, program } = input;
  return {
    ...(queue == null ? {} : { queue }),
    ...(channel == null ? {} : { channel }),
    ...(tier == null ? {} : { tier }),
    ...(program == null ? {} : { program }),
  };
}
