import { execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Context } from '../../schema/context.js';
import { credentialsEnded } from '../auth.js';
import { SubscriptionEvent } from '../subscription-event.type.js';
import type { Crowd } from './crowd.js';
import type { Seat } from './crowds.js';
import { visibilityOf } from './crowd-kind.js';
import { Member } from './member.js';

type Step = IteratorResult<ExecutionResult, void>;

const DONE: Step = { done: true, value: undefined };

/**
 * What one subscriber is told: from a stream of its own at first (a snapshot, what it has missed), and from the crowd of
 * its kind once it stands where the crowd stands. Authorised at every event, wherever that comes from.
 */
export class Follower implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #context: Context;
  readonly #visibility: string;
  /** The event that it was told of last. */
  #told: string | null = null;
  #member: Member | null = null;
  #leave: () => void = () => undefined;
  #over = false;

  /** @param own its own events; they are authorised before they come */
  constructor(
    private readonly own: AsyncIterator<unknown>,
    private readonly args: ExecutionArgs,
    private readonly seat: Seat | null,
  ) {
    this.#context = args.contextValue as Context;
    this.#visibility = visibilityOf(this.#context.caller);
  }

  async next(): Promise<Step> {
    if (this.#over) return DONE;
    try {
      const step = this.#member ? await this.#fromCrowd(this.#member) : await this.#fromOwn();
      if (step.done === true) await this.return();
      return step;
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  /** Takes what waits besides and can be sent together with what `next` has just given: it is authorised together. */
  waiting(): ExecutionResult[] {
    return this.#member?.waiting() ?? [];
  }

  async return(): Promise<Step> {
    if (this.#over) return DONE;
    this.#over = true;
    this.#leave();
    this.seat?.leave();
    await this.own.return?.();
    return DONE;
  }

  async throw(error: unknown): Promise<Step> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #fromOwn(): Promise<Step> {
    const crowd = this.#told === null ? null : (this.seat?.crowd() ?? null);
    if (!crowd || this.#told === null) return this.#tell(await this.own.next());
    const member = crowd.join(this.#told);
    if (member) return this.#moveTo(crowd, member);
    // The crowd may be about to come to where this one stands; or this one is told of the next event first.
    const admission = crowd.joinAt(this.#told);
    const next = this.own.next();
    try {
      const first = await Promise.race([next, admission.member]);
      if (!(first instanceof Member)) {
        admission.cancel();
        return await this.#tell(first);
      }
      // What its own stream gives now, or fails with, the crowd tells too.
      next.catch(() => undefined);
      return await this.#moveTo(crowd, first);
    } catch (error) {
      admission.cancel();
      throw error;
    }
  }

  async #tell(step: IteratorResult<unknown, unknown>): Promise<Step> {
    if (step.done === true) return DONE;
    const event = step.value;
    this.#told = event instanceof SubscriptionEvent ? event.id : null;
    const known = this.#told === null ? undefined : this.seat?.crowd()?.told(this.#told);
    return { done: false, value: known ?? (await execute({ ...this.args, rootValue: event })) };
  }

  async #moveTo(crowd: Crowd, member: Member): Promise<Step> {
    this.#member = member;
    this.#leave = () => crowd.leave(member);
    await this.own.return?.();
    return this.#fromCrowd(member);
  }

  async #fromCrowd(member: Member): Promise<Step> {
    const step = await member.next();
    if (step.done === true) return step;
    const caller = await this.#context.reauthenticate();
    if (!caller || visibilityOf(caller) !== this.#visibility) throw credentialsEnded();
    return step;
  }
}
