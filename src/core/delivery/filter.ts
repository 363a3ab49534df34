import type { ObjectId } from '@mikro-orm/mongodb';
import type { Filter } from 'mongodb';
import type { ChannelName } from '../channel/channel.js';
import type { DeliveryDoc } from './delivery.entity.js';
import type { Tier } from './rank.js';
import type { DeliveryState } from './states.js';

/** Documents that one call looks at where no index finds what a filter asks for. */
export const SCANNED = 10_000;

/** Stands for the code of what failed without an error of an attempt: the provider reported it later. */
export const REPORTED = 'REPORTED';

/** What a caller may filter deliveries by. Only these reach MongoDB (SEC-6). */
export interface DeliveryFilter {
  readonly ids?: readonly ObjectId[];
  readonly queue?: string;
  readonly channel?: ChannelName;
  readonly program?: string;
  readonly run?: ObjectId;
  readonly states?: readonly DeliveryState[];
  readonly tier?: Tier;
  /** The recipient's name, as it was given with the delivery. */
  readonly recipient?: string;
  /** The last attempt failed with one of these; REPORTED: it was accepted, and the provider reported failure later. */
  readonly errorCodes?: readonly string[];
  /** Inclusive. */
  readonly dueFrom?: Date;
  /** Exclusive. */
  readonly dueBefore?: Date;
}

/** A page of a list: keyset, newest first. */
export interface Page {
  /** 1 to 200. */
  readonly first: number;
  /** The id of the last one on the page before. */
  readonly after?: ObjectId;
}

/** The filter in MongoDB's words. */
export function toMongo(filter: DeliveryFilter): Filter<DeliveryDoc> {
  const query: Filter<DeliveryDoc> = {};
  if (filter.ids) query._id = { $in: [...filter.ids] };
  if (filter.queue !== undefined) query.queue = filter.queue;
  if (filter.channel !== undefined) query.channel = filter.channel;
  if (filter.program !== undefined) query.program = filter.program;
  if (filter.run !== undefined) query.run = filter.run;
  if (filter.states) query.state = { $in: [...filter.states] };
  if (filter.tier !== undefined) query.tier = filter.tier;
  if (filter.recipient !== undefined) query.recipient = filter.recipient;
  if (filter.errorCodes) {
    const failedSo = { 'lastError.code': { $in: [...filter.errorCodes] } };
    const reported = { lastError: null, state: 'FAILED' as const };
    if (filter.errorCodes.includes(REPORTED)) query.$or = [failedSo, reported];
    else query['lastError.code'] = failedSo['lastError.code'];
  }
  if (filter.dueFrom || filter.dueBefore) {
    query.dueAt = {
      ...(filter.dueFrom ? { $gte: filter.dueFrom } : {}),
      ...(filter.dueBefore ? { $lt: filter.dueBefore } : {}),
    };
  }
  return query;
}
