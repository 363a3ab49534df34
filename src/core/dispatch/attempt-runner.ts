import type { Channel, SendResult } from '../channel/channel.js';
import { type Clock, monotonicMs } from '../clock.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import { type EndedAttempt, notSent } from '../outcome/ended-attempt.js';
import { judge, type Verdict } from '../outcome/verdict.js';
import type { ChannelStates } from './channel-states.js';

/** Makes attempts: calls the channel, judges the answer, and tells the breaker. */
export class AttemptRunner {
  readonly #underWay = new Set<AbortController>();

  constructor(
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<string, Channel>,
    private readonly states: ChannelStates,
    private readonly attemptTimeoutMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** One attempt. Never rejects: what goes wrong is in the outcome. */
  async run(delivery: DeliveryDoc, channel: Channel): Promise<EndedAttempt> {
    const startedAt = this.clock.now();
    const started = monotonicMs();
    const result = await this.#send(delivery, channel);
    const providerMs = monotonicMs() - started;
    this.#tellBreaker(channel, result);
    const endedAt = this.clock.now();
    const verdict = judge(result, { delivery, channel, now: endedAt, random: Math.random() });
    return { delivery, provider: channel.provider, result, verdict, startedAt, endedAt, providerMs };
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
    };
  }

  /** Ends every attempt that is under way; their outcomes are unknown. */
  abortAll(): void {
    for (const controller of this.#underWay) controller.abort();
  }

  async #send(delivery: DeliveryDoc, channel: Channel): Promise<SendResult> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), this.attemptTimeoutMs);
    this.#underWay.add(controller);
    try {
      return await channel.send(
        {
          key: delivery._id.toHexString(),
          to: delivery.to,
          content: delivery.content,
          attempt: delivery.attempts,
        },
        controller.signal,
      );
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

  #tellBreaker(channel: Channel, result: SendResult): void {
    const told =
      result.outcome === 'ACCEPTED'
        ? this.states.succeeded(channel.name)
        : result.errorClass === 'UNAUTHORISED'
          ? this.states.stop(channel.name, `credentials refused: ${result.code}`)
          : result.errorClass === 'RETRYABLE' || result.errorClass === 'UNKNOWN'
            ? this.states.failed(channel.name)
            : this.states.succeeded(channel.name);
    told.catch(this.onError);
  }
}
