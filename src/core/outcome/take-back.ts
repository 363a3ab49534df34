import type { Collection } from 'mongodb';
import type { Channel, ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { LANES } from '../delivery/place.js';
import type { EndedAttempt } from './ended-attempt.js';
import type { OutcomeWriter } from './outcome-writer.js';
import { acceptedAt } from './receipt-state.js';
import { judgeUnknown, type Verdict } from './verdict.js';

const BATCH = 500;
const LOST = { code: 'WORKER_LOST', message: 'the worker was lost in mid-attempt' };

/**
 * Takes back what a lost worker holds (CORE-29). Where the provider has reported on a delivery it was accepted; of the
 * others no one knows, and the channel's rule for unknown outcomes decides.
 */
export class TakeBack {
  readonly #deliveries: Collection<DeliveryDoc>;

  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<ChannelName, Channel>,
    private readonly writer: OutcomeWriter,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  /** @returns the queues in which something was taken back */
  async from(worker: string): Promise<{ queues: Set<string>; count: number }> {
    const queues = new Set<string>();
    let count = 0;
    for (;;) {
      const held = await this.#deliveries
        .find({ place: LANES, state: 'SENDING', worker }, { hint: 'work' })
        .limit(BATCH)
        .toArray();
      if (held.length === 0) return { queues, count };
      await this.writer.write(
        worker,
        held.map((delivery) => this.#ended(delivery)),
      );
      for (const delivery of held) queues.add(delivery.queue);
      count += held.length;
    }
  }

  #ended(delivery: DeliveryDoc): EndedAttempt {
    const channel = this.channels.get(delivery.channel);
    const provider = channel?.provider ?? 'unknown';
    const accepted = acceptedAt(delivery.receipts);
    const now = this.clock.now();
    if (accepted) {
      const endedAt = Math.max(accepted.getTime(), delivery.dueAt.getTime());
      const result = { outcome: 'ACCEPTED', messageId: delivery.receipts?.messageId ?? null } as const;
      return {
        delivery,
        provider,
        result,
        verdict: { move: 'send' },
        startedAt: null,
        endedAt,
        providerMs: null,
        waited: {},
      };
    }
    return {
      delivery,
      provider,
      result: { outcome: 'REFUSED', errorClass: 'UNKNOWN', ...LOST },
      verdict: this.#verdict(delivery, channel, now),
      startedAt: null,
      endedAt: now,
      providerMs: null,
      waited: {},
    };
  }

  #verdict(delivery: DeliveryDoc, channel: Channel | undefined, now: number): Verdict {
    // A channel that this worker does not have says nothing about its provider: then nothing is sent twice by guess.
    const rule = channel ?? { idempotent: false, onUnknownOutcome: 'HOLD' as const };
    const verdict = judgeUnknown({ delivery, channel: rule, now, random: Math.random() }, LOST);
    // The lease has been waited out already: a retry is due at once.
    return verdict.move === 'retry' ? { ...verdict, readyAt: now } : verdict;
  }
}
