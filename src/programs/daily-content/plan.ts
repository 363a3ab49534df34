import type { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName, Content, NewDelivery, Route, RunRemark, Tier } from '../../core/index.js';
import type { AdvisorDoc } from './advisor.entity.js';
import type { ContentDoc } from './content.entity.js';
import { templateFor, textFor } from './message.js';
import { placeInWave, type WaveLayout } from './placement.js';

/*
 * What a wave delivers, when, to whom. Pure: the same advisors, contents and wave give the same plan, and the unique
 * key (owner, program, subject, period) makes of two plans one delivery (DC-2).
 */

/** As it stands in deliveries and runs. */
export const PROGRAM = 'daily-content';
/** The lane of its deliveries. */
export const QUEUE = 'content-delivery';

/** The wave as it was laid out. */
export interface WavePlan extends WaveLayout {
  readonly run: ObjectId;
  readonly date: string;
  readonly timezone: string;
  /** Ms. */
  readonly expiresAt: number;
}

/** What is to be looked up for an advisor. */
export interface Lookups {
  /** What the advisor gets on the date; null when nothing is assigned, nor a default. */
  contentFor(advisor: AdvisorDoc): ContentDoc | null;
  /** True when the channel is configured and can carry this to there. */
  carries(channel: ChannelName, to: string, content: Content): boolean;
}

/** Advisors of one tier, in the order of their ids. */
export interface Page {
  readonly tier: Tier;
  readonly advisors: readonly AdvisorDoc[];
  /** How many of the tier's deliverable advisors were on the pages before. */
  readonly firstIndex: number;
}

/** A page's plan. */
export interface PagePlan {
  readonly deliveries: readonly NewDelivery[];
  /** Who gets nothing, and why. */
  readonly skips: readonly RunRemark[];
  /** `firstIndex` of the page after. */
  readonly nextIndex: number;
}

/** Why an advisor is passed over; the words are public. */
const SKIPS = {
  OPTED_OUT: 'the advisor has opted out',
  INACTIVE: 'the advisor is not active',
  NO_CONTENT: 'nothing is assigned for this date, and the date has no default',
} as const;

/** Plans one page of a wave. */
export function planPage(wave: WavePlan, page: Page, lookups: Lookups): PagePlan {
  const deliveries: NewDelivery[] = [];
  const skips: RunRemark[] = [];
  let index = page.firstIndex;
  for (const advisor of page.advisors) {
    // Only those count who were counted when the wave was laid out.
    const place = advisor.active && !advisor.optedOut ? index++ : null;
    const content = lookups.contentFor(advisor);
    const reason = advisor.optedOut
      ? 'OPTED_OUT'
      : !advisor.active
        ? 'INACTIVE'
        : !content
          ? 'NO_CONTENT'
          : null;
    if (reason !== null) skips.push({ subject: advisor.externalId, code: reason, message: SKIPS[reason] });
    if (place === null || !content) continue;
    const dueAt = placeInWave(wave, page.tier, place, advisor._id.toHexString());
    deliveries.push({
      ...messageTo(advisor, content, wave.date, lookups),
      dueAt: new Date(dueAt),
      expiresAt: new Date(wave.expiresAt),
      timezone: advisor.timezone ?? wave.timezone,
      run: wave.run,
      subject: advisor._id.toHexString(),
      period: wave.occurrence,
    });
  }
  return { deliveries, skips, nextIndex: index };
}

/** What a delivery to an advisor holds, whenever it is sent. */
export function messageTo(
  advisor: AdvisorDoc,
  content: ContentDoc,
  date: string,
  { carries }: Pick<Lookups, 'carries'>,
): Omit<NewDelivery, 'dueAt'> {
  return {
    queue: QUEUE,
    program: PROGRAM,
    channel: 'WHATSAPP',
    to: advisor.phone,
    content: templateFor(content, advisor, date),
    fallback: fallbackFor(advisor, textFor(content, advisor, date), carries),
    tier: advisor.tier,
    retryPolicy: 'content',
    recipient: advisor._id.toHexString(),
    metadata: { advisor: advisor.externalId, content: content.externalId, date },
  };
}

/** SMS, then e-mail (DC-7): where the advisor has one, the content has plain words, and the channel is there. */
function fallbackFor(advisor: AdvisorDoc, text: Content | null, carries: Lookups['carries']): Route[] {
  if (!text) return [];
  const ways = [
    { channel: 'SMS', to: advisor.sms },
    { channel: 'EMAIL', to: advisor.email },
  ] as const;
  return ways.flatMap(({ channel, to }) =>
    to !== null && carries(channel, to, text) ? [{ channel, to, content: text }] : [],
  );
}
