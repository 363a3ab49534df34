import type { Channel, ChannelName, SendResult } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { retryDelayMs } from '../delivery/retry-policy.js';
import { Notice, type NoticeDoc } from './notice.entity.js';

/** From one try to the next: 5, 10, 20 s and so on, up to an hour. */
const RETRY = { baseMs: 5_000, jitter: 0.1 };
const LONGEST_DELAY_MS = 3_600_000;

/** After this a notice that nobody took is given up, in real ms. */
const GIVEN_UP_AFTER_MS = 24 * 3_600_000;

/** What was sent or given up is kept so long, in real ms. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** Notices on their way at the same time, in one process. */
const AT_ONCE = 20;

/** A claim outlasts its try by so much, in real ms: what is under way is not taken for lost. */
const CLAIM_SPARE_MS = 15_000;

/** What a sender is made of. */
export interface NoticeSenderParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  /** How long a receiver may take to answer, in real ms. When omitted, 10 s. */
  readonly attemptTimeoutMs?: number;
  /** Told of each try that did not succeed. */
  readonly onRefused: (refusal: NoticeRefusal) => void;
}

/** A try that did not succeed. */
export interface NoticeRefusal {
  readonly notice: string;
  readonly code: string;
  readonly message: string;
  /** Whether it is tried again. */
  readonly again: boolean;
  /** What the adapter threw, where it has a defect. */
  readonly cause?: unknown;
}

/**
 * Sends the notices that are due (CORE-42). Any number of processes may do so at the same time: each notice is claimed
 * before it is sent, and a claim ends by itself, so that a crash costs seconds and no notice. What was perhaps sent
 * already is sent again under the same key, by which the receiver drops it.
 *
 * A notice takes no send token and asks no breaker: that a limit is reached or a channel stopped has to get out all the
 * same, and there are few of them.
 */
export class NoticeSender {
  #underWay: Promise<void> | null = null;
  #stopped = false;

  constructor(private readonly parts: NoticeSenderParts) {}

  /**
   * Sends everything that is due now, each once. It takes as long as the slowest receiver: whoever calls it at short
   * intervals need not wait for it, a call while one is under way joins that one.
   *
   * @throws what the database says; what was under way then is taken up again later
   */
  sendDue(): Promise<void> {
    this.#underWay ??= this.#sendAllDue().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  /** Begins nothing more; resolves when what is under way has ended, which takes one try at most. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#underWay;
  }

  async #sendAllDue(): Promise<void> {
    const { database, clock } = this.parts;
    while (!this.#stopped) {
      const due = await database
        .collection(Notice)
        .find({ state: 'PENDING', nextAt: { $lte: clock.date() } }, { projection: { _id: 1 } })
        .sort({ nextAt: 1 })
        .limit(AT_ONCE)
        .toArray();
      const ends = await Promise.allSettled(due.map(({ _id }) => this.#claimAndSend(_id)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      if (due.length < AT_ONCE) return;
    }
  }

  async #claimAndSend(_id: string): Promise<void> {
    const { database, clock } = this.parts;
    const claimEnds = this.#inRealMs(this.#timeoutMs + CLAIM_SPARE_MS);
    const notice = await database
      .collection(Notice)
      .findOneAndUpdate(
        { _id, state: 'PENDING', nextAt: { $lte: clock.date() } },
        { $set: { nextAt: claimEnds }, $inc: { attempts: 1 } },
        { returnDocument: 'after' },
      );
    if (notice === null) return; // Another process was faster.
    await this.#settle(notice, await this.#send(notice));
  }

  async #send({ _id, kind, to, content, attempts }: NoticeDoc): Promise<SendResult & { cause?: unknown }> {
    const refused = (code: string, message: string) =>
      ({ outcome: 'REFUSED', errorClass: 'UNKNOWN', code, message }) as const;
    const channel = this.parts.channels.get(kind);
    if (!channel) return refused('CHANNEL_NOT_FOUND', `the channel ${kind} is not configured here`);
    try {
      const signal = AbortSignal.timeout(this.#timeoutMs);
      return await channel.send({ key: _id, to, content, attempt: attempts }, signal);
    } catch (cause) {
      return { ...refused('ADAPTER_ERROR', 'the channel adapter threw'), cause };
    }
  }

  async #settle(notice: NoticeDoc, result: SendResult & { cause?: unknown }): Promise<void> {
    const { clock, onRefused } = this.parts;
    const forgetAt = new Date(clock.realNow() + KEPT_MS);
    if (result.outcome === 'ACCEPTED') {
      await this.#write(notice, { state: 'SENT', lastError: null, forgetAt });
      return;
    }
    const { code, message, cause } = result;
    const delay = Math.min(retryDelayMs(RETRY, notice.attempts, Math.random()), LONGEST_DELAY_MS);
    const nextAt = this.#inRealMs(Math.max(delay, result.retryAfterMs ?? 0));
    const giveUpAt = clock.toReal(notice.createdAt.getTime()) + GIVEN_UP_AFTER_MS;
    const again = result.errorClass !== 'PERMANENT' && clock.toReal(nextAt.getTime()) <= giveUpAt;
    const lastError = { code, message };
    await this.#write(notice, again ? { nextAt, lastError } : { state: 'FAILED', lastError, forgetAt });
    onRefused({ notice: notice._id, code, message, again, ...(cause === undefined ? {} : { cause }) });
  }

  /** Writes what became of a try, unless its claim had ended meanwhile and somebody else has it. */
  async #write({ _id, attempts }: NoticeDoc, changes: Partial<NoticeDoc>): Promise<void> {
    await this.parts.database
      .collection(Notice)
      .updateOne({ _id, state: 'PENDING', attempts }, { $set: changes });
  }

  get #timeoutMs(): number {
    return this.parts.attemptTimeoutMs ?? 10_000;
  }

  /** Engine time so many real ms from now: receivers live in real time. */
  #inRealMs(ms: number): Date {
    const { clock } = this.parts;
    return new Date(Math.floor(clock.toEngine(clock.realNow() + ms)));
  }
}
