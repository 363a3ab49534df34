import { ObjectId } from '@mikro-orm/mongodb';
import type { Collection, Filter } from 'mongodb';
import type { Database } from '../database.js';
import type { ErrorCode } from '../errors.js';
import { AuditEntry, type AuditEntryDoc } from './audit.entity.js';
import type { Caller } from './caller.js';

/** How long entries are kept when nothing else is set, in ms. */
export const AUDIT_RETENTION_MS = 400 * 86_400_000;

/** Subjects that one entry names. */
const MOST_SUBJECTS = 100;

/** What somebody is about to do. */
export interface Doing {
  readonly caller: Caller;
  readonly action: string;
  readonly subjects: readonly string[];
  readonly requestId: string;
}

/** What became of it. */
export interface Done {
  readonly outcome: 'OK' | ErrorCode;
  /** What it was about and what came of it, the former again. */
  readonly subjects: readonly string[];
  readonly refused: number;
}

/** Which entries: those that meet all that is given. */
export interface AuditFilter {
  readonly owner?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly outcome?: 'OK' | ErrorCode;
  /** Inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly before?: Date;
}

/**
 * Who did what (SEC-7). An entry is written before the work begins, and by majority: what cannot be written down is not
 * done. How it ended is added after; where that fails, the work stands, the entry shows no outcome, and `onError` is told.
 */
export class Audit {
  readonly #entries: Collection<AuditEntryDoc>;

  constructor(
    database: Database,
    private readonly retentionMs: number,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#entries = database.collection(AuditEntry);
  }

  /** @throws what MongoDB throws: then the work is not to be begun */
  async begin({ caller, action, subjects, requestId }: Doing): Promise<ObjectId> {
    const at = new Date();
    const entry: AuditEntryDoc = {
      _id: new ObjectId(),
      at,
      owner: caller.owner,
      role: caller.role,
      credential: caller.credential,
      action,
      subjects: subjects.slice(0, MOST_SUBJECTS),
      subjectCount: subjects.length,
      refused: 0,
      outcome: null,
      requestId,
      expiresAt: new Date(at.getTime() + this.retentionMs),
    };
    await this.#entries.insertOne(entry);
    return entry._id;
  }

  /** Never rejects. */
  async end(id: ObjectId, { outcome, subjects, refused }: Done): Promise<void> {
    const end = {
      outcome,
      refused,
      subjects: subjects.slice(0, MOST_SUBJECTS),
      subjectCount: subjects.length,
    };
    try {
      // One server's word is enough: what is lost with it is the outcome, and the entry then says so.
      await this.#entries.updateOne({ _id: id }, { $set: end }, { writeConcern: { w: 1 } });
    } catch (error) {
      this.onError(error);
    }
  }

  /** Newest first. */
  async list(
    filter: AuditFilter,
    page: { readonly first: number; readonly after?: ObjectId },
  ): Promise<{ items: AuditEntryDoc[]; hasMore: boolean }> {
    const found = await this.#entries
      .find(toMongo(filter, page.after))
      .sort({ _id: -1 })
      .limit(page.first + 1)
      .toArray();
    return { items: found.slice(0, page.first), hasMore: found.length > page.first };
  }

  find(id: ObjectId): Promise<AuditEntryDoc | null> {
    return this.#entries.findOne({ _id: id });
  }
}

/** Ids begin with the second in which they were made: with a second to spare, a window of time is one of the index. */
function toMongo(filter: AuditFilter, after: ObjectId | undefined): Filter<AuditEntryDoc> {
  const { subject, from, before, ...equal } = filter;
  const idAt = (at: Date, spare: number): ObjectId =>
    ObjectId.createFromTime(Math.max(0, Math.floor(at.getTime() / 1_000) + spare));
  const conditions: Filter<AuditEntryDoc>[] = [equal];
  if (subject !== undefined) conditions.push({ subjects: subject });
  if (from) conditions.push({ at: { $gte: from }, _id: { $gte: idAt(from, -1) } });
  if (before) conditions.push({ at: { $lt: before }, _id: { $lt: idAt(before, 2) } });
  if (after) conditions.push({ _id: { $lt: after } });
  return { $and: conditions };
}
