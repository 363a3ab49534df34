import type { Channel, SendResult } from '../channel/channel.js';
import { type Clock, monotonicMs } from '../clock.js';
import type { Delays } from '../delivery/delay.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import { type EndedAttempt, notSent } from '../outcome/ended-attempt.js';
import { judge, OUTCOME_UNKNOWN, type Verdict } from '../outcome/verdict.js';
import type { ChannelStates } from './channel-states.js';

/** How one attempt is made. */
export interface AttemptOptions {
  /** It is the one that a half-open breaker lets through. */
  readonly isProbe: boolean;
  /** Whether this worker surely still holds the delivery. */
  readonly stillHeld: () => boolean;
  /** What held it up between its instant and this one (engine ms), by cause. */
  readonly waitedUntil: (at: number) => Delays;
}

/** An adapter that does not come back after its time is up is not waited for longer than this, in ms. */
const IGNORED_MS = 1_000;

/** Makes attempts: calls the channel, judges the answer, and tells the breaker. */
export class AttemptRunner {
  readonly #underWay = new Set<AbortController>();
  #aborted = false;

  constructor(
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<string, Channel>,
    private readonly states: ChannelStates,
    private readonly attemptTimeoutMs: number,
    /** Whether the provider has reported on a delivery by now, and so has accepted it. */
    private readonly isReported: (delivery: DeliveryDoc) => Promise<boolean>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** One attempt. Never rejects: what goes wrong is in the outcome. */
  async run(delivery: DeliveryDoc, channel: Channel, attempt: AttemptOptions): Promise<EndedAttempt> {
    if (delivery.lastError?.code === OUTCOME_UNKNOWN) {
      const doubt = await this.#doubt(delivery);
      if (doubt !== null) return this.unsent(delivery, doubt);
      // The look took a round trip, in which the lease may have gone.
      if (!attempt.stillHeld()) return this.unsent(delivery, 'LEASE_LOST');
    }
    const startedAt = this.clock.now();
    const started = monotonicMs();
    const result = await this.#send(delivery, channel);
    const providerMs = monotonicMs() - started;
    this.#tellBreaker(channel, result, attempt.isProbe);
    const endedAt = this.clock.now();
    const verdict = judge(this.#inEngineTime(result), {
      delivery,
      channel,
      now: endedAt,
      random: Math.random(),
    });
    return {
      delivery,
      provider: channel.provider,
      result,
      verdict,
      startedAt,
      endedAt,
      providerMs,
      waited: attempt.waitedUntil(startedAt),
    };
  }

  /** The end of a claim whose request was never sent. */
  unsent(delivery: DeliveryDoc, reason: string, readyAt?: number): EndedAttempt {
    const verdict: Verdict = { move: 'release', reason, ...(readyAt === undefined ? {} : { readyAt }) };
    const provider = this.channels.get(delivery.channel)?.provider ?? 'unknown';
    return {
      delivery,
      provider,
      result: notSent(reason),
      verdict,
      startedAt: null,
      endedAt: this.clock.now(),
      providerMs: null,
      waited: {},
    };
  }

  /** Ends every attempt that is under way; their outcomes are unknown. */
  abortAll(): void {
    this.#aborted = true;
    for (const controller of this.#underWay) controller.abort();
  }

  /**
   * Before a try after one of unknown outcome: evidence that came since the claim keeps the person from getting it twice.
   * @returns why nothing is to be sent now; null when there is no evidence
   */
  async #doubt(delivery: DeliveryDoc): Promise<string | null> {
    try {
      return (await this.isReported(delivery)) ? 'REPORTED' : null;
    } catch (error) {
      this.onError(error);
      return 'REPORTS_UNREADABLE';
    }
  }

  async #send(delivery: DeliveryDoc, channel: Channel): Promise<SendResult> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), this.attemptTimeoutMs);
    this.#underWay.add(controller);
    try {
      const message = {
        key: delivery._id.toHexString(),
        to: delivery.to,
        content: delivery.content,
        attempt: delivery.attempts,
      };
      return await Promise.race([channel.send(message, controller.signal), ignored(controller.signal)]);
    } catch (error) {
      // A defect of an adapter: whether the request left is not known.
      this.onError(error);
      return {
        outcome: 'REFUSED',
        errorClass: 'UNKNOWN',
        code: 'ADAPTER_ERROR',
        message: 'the channel adapter threw',
      };
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(controller);
    }
  }

  /** A provider's Retry-After is real time; instants of deliveries are engine time. */
  #inEngineTime(result: SendResult): SendResult {
    if (result.outcome === 'ACCEPTED' || result.retryAfterMs === undefined) return result;
    const until = this.clock.toEngine(this.clock.realNow() + result.retryAfterMs);
    return { ...result, retryAfterMs: until - this.clock.now() };
  }

  #tellBreaker(channel: Channel, result: SendResult, isProbe: boolean): void {
    // What this worker cut off itself says nothing about the provider.
    if (this.#aborted && result.outcome === 'REFUSED' && result.errorClass === 'UNKNOWN') return;
    const told =
      result.outcome === 'ACCEPTED'
        ? this.states.succeeded(channel.name, isProbe)
        : result.errorClass === 'UNAUTHORISED'
          ? this.states.stop(channel.name, `credentials refused: ${result.code}`)
          : result.errorClass === 'RETRYABLE' || result.errorClass === 'UNKNOWN'
            ? this.states.failed(channel.name, isProbe)
            : this.states.succeeded(channel.name, isProbe);
    told.catch(this.onError);
  }
}

/** The result of an adapter that does not heed its signal: otherwise its place would be taken for good. */
function ignored(signal: AbortSignal): Promise<SendResult> {
  return new Promise((resolve) => {
    const giveUp = (): void => {
      setTimeout(() => {
        resolve({
          outcome: 'REFUSED',
          errorClass: 'UNKNOWN',
          code: 'NO_ANSWER',
          message: 'the channel adapter did not end in time',
        });
      }, IGNORED_MS).unref();
    };
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
