import { SlaUpdatedDocument, type SlaUpdatedSubscription, type WaveForecastFieldsFragment } from '#sdk';
import { type RateSample, withSample } from '../lateness/series.js';
import type { SlaNews } from '../verdict/verdict.js';
import { type Heard, useLive } from './ask.js';
import type { ClockReading } from './server-clock.js';

/** What `slaUpdated` has told so far. */
export interface SlaKnown {
  readonly news: SlaNews;
  readonly waves: readonly WaveForecastFieldsFragment[];
  /** The default policy's rate at each event, oldest first. */
  readonly samples: readonly RateSample[];
  /** Engine time, which waves and alerts are told in: the server's own, or a virtual clock's. */
  readonly clock: ClockReading;
}

/** Follows the SLA. */
export function useSla(): Heard<SlaKnown> {
  return useLive(SlaUpdatedDocument, {}, afterEvent);
}

function afterEvent(known: SlaKnown | null, { slaUpdated: event }: SlaUpdatedSubscription): SlaKnown | null {
  const [first, ...others] = event.slas;
  if (!first) return known;
  const arrived = performance.now();
  return {
    news: { slas: [first, ...others], arrived },
    waves: event.waves,
    samples: withSample(known?.samples ?? [], Date.parse(event.occurredAt), first.rate),
    clock: { server: Date.parse(event.occurredAt), arrived },
  };
}
