import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, type Job } from 'agenda';
import type { Db } from 'mongodb';
import { isDuplicateKey, type SetAlarm } from '../../core/index.js';

/** The collection of Agenda's jobs: every wake-up of Punctual is one document here. */
const COLLECTION = 'alarms';
/** How often Agenda looks for due alarms, in ms; an alarm rings at most this much late. */
const POLL_MS = 100;
/** An alarm that a dead process had taken is taken again after this long, in ms. */
const LOCK_MS = 20_000;
/** Alarms handled at once. It equals the lock limit, so that none is locked without being handled. */
const CONCURRENCY = 10;

/** Called when an alarm rings. */
export type OnRing = (kind: 'ring' | 'job', name: string) => Promise<void>;

interface AlarmData {
  readonly alarm: string;
}

/**
 * Agenda on MongoDB is the only source of wake-ups. An alarm is a one-off job with a unique name, gone when it has rung;
 * next runs are computed by us (a cron that throws would end an Agenda job for good).
 */
export class AlarmClock {
  readonly #agenda: Agenda;
  readonly #db: Db;
  #ringing = false;

  constructor(
    db: Db,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#db = db;
    this.#agenda = new Agenda({
      backend: new MongoBackend({
        mongo: db,
        collection: COLLECTION,
        ensureIndex: true,
      }),
      processEvery: POLL_MS,
      defaultLockLifetime: LOCK_MS,
      defaultConcurrency: CONCURRENCY,
      defaultLockLimit: CONCURRENCY,
      maxConcurrency: 2 * CONCURRENCY,
      removeOnComplete: true,
    });
    this.#agenda.on('error', (error: Error) => this.onError(error));
  }

  /** Makes the index that keeps two processes from setting the same alarm twice; Agenda's `unique` has none. */
  async open(): Promise<void> {
    await this.#agenda.ready;
    await this.#db
      .collection(COLLECTION)
      .createIndex(
        { name: 1, 'data.alarm': 1 },
        { unique: true, name: 'one_alarm', partialFilterExpression: { 'data.alarm': { $type: 'string' } } },
      );
  }

  /** How many alarms are set, and how many of them should have rung. */
  async counts(): Promise<{ readonly waiting: number; readonly overdue: number }> {
    const alarms = this.#db.collection(COLLECTION);
    const [waiting, overdue] = await Promise.all([
      alarms.estimatedDocumentCount(),
      alarms.countDocuments({ name: { $in: ['ring', 'job'] }, nextRunAt: { $lte: new Date() } }),
    ]);
    return { waiting, overdue };
  }

  /** Sets an alarm; one of the same name that is already set stays as it is. */
  readonly set: SetAlarm = async ({ kind, name, at }) => {
    const data: AlarmData = { alarm: name };
    try {
      await this.#agenda
        .create(kind, data)
        .unique({ 'data.alarm': name }, { insertOnly: true })
        .schedule(at)
        .save();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  };

  /** From now on this process rings alarms. */
  async start(onRing: OnRing): Promise<void> {
    for (const kind of ['ring', 'job'] as const) {
      this.#agenda.define<AlarmData>(
        kind,
        async (job: Job<AlarmData>) => {
          // A job that failed would stay for ever; the sweeper finds what this one was for.
          await onRing(kind, job.attrs.data.alarm).catch(this.onError);
        },
        {
          concurrency: CONCURRENCY,
          lockLimit: CONCURRENCY,
          lockLifetime: LOCK_MS,
          removeOnComplete: true,
        },
      );
    }
    this.#agenda.on('fail', (error: Error | string) => this.onError(error));
    await this.#agenda.start();
    this.#ringing = true;
  }

  /** Rings no more; alarms that were taken and not begun are given back first. */
  async stop(): Promise<void> {
    if (this.#ringing) await this.#agenda.stop(false);
    this.#ringing = false;
  }
}
