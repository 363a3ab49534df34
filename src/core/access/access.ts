import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ObjectId } from '@mikro-orm/mongodb';
import type { Database } from '../database.js';
import { monotonicMs } from '../clock.js';
import { ApiKey, type ApiKeyDoc } from './api-key.entity.js';
import { PunctualError } from '../errors.js';
import { type Caller, EVERYBODY, type Role } from './caller.js';

/** How long a key that was found good is believed, in ms: a revoked one works at most this long. */
const BELIEVED_MS = 5_000;
/** Keys that are remembered; more than any installation has at work at once. */
const REMEMBERED = 1_000;
const KEY = /^pk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/;

/** API keys: made, checked, revoked. Only hashes are stored; the key itself is shown once (SEC-4). */
export class Access {
  readonly #believed = new Map<string, { readonly caller: Caller; readonly until: number }>();

  constructor(private readonly database: Database) {}

  /** Who a key stands for; null when it is unknown, expired or revoked. */
  async authenticate(key: string): Promise<Caller | null> {
    if (!KEY.test(key)) return null;
    const hash = hashOf(key);
    const believed = this.#believed.get(hash);
    if (believed && believed.until > monotonicMs()) return believed.caller;
    this.#believed.delete(hash);
    const doc = await this.database.collection(ApiKey).findOne({ hash });
    // The look-up is by the hash of 256 random bits, so its timing tells nothing; the comparison is for good measure.
    if (!doc || !timingSafeEqual(Buffer.from(doc.hash), Buffer.from(hash))) return null;
    const [now, seen] = [new Date(), monotonicMs()];
    if (doc.revokedAt !== null || (doc.expiresAt !== null && doc.expiresAt <= now)) return null;
    await this.database.collection(ApiKey).updateOne({ _id: doc._id }, { $set: { lastUsedAt: now } });
    const caller: Caller = { owner: doc.owner, role: doc.role, keyId: doc._id.toHexString() };
    if (this.#believed.size >= REMEMBERED) this.#believed.clear();
    const left = doc.expiresAt === null ? BELIEVED_MS : doc.expiresAt.getTime() - now.getTime();
    this.#believed.set(hash, { caller, until: seen + Math.min(BELIEVED_MS, left) });
    return caller;
  }

  /** Makes a key. The key is returned here and never again. */
  async createKey(input: {
    readonly name: string;
    readonly owner: string;
    readonly role: Role;
    readonly expiresAt?: Date | null;
  }): Promise<{ key: string; doc: ApiKeyDoc }> {
    if (input.owner === EVERYBODY || input.owner === '') {
      throw new PunctualError('VALIDATION_ERROR', `${JSON.stringify(input.owner)} cannot be an owner`, {
        path: 'owner',
      });
    }
    const prefix = `pk_${randomBytes(4).toString('hex')}`;
    const key = `${prefix}_${randomBytes(32).toString('base64url')}`;
    const doc: ApiKeyDoc = {
      _id: new ObjectId(),
      prefix,
      hash: hashOf(key),
      name: input.name,
      owner: input.owner,
      role: input.role,
      createdAt: new Date(),
      expiresAt: input.expiresAt ?? null,
      revokedAt: null,
      lastUsedAt: null,
    };
    await this.database.collection(ApiKey).insertOne(doc);
    return { key, doc };
  }

  /** Revokes a key; null when there is none. Other processes follow within five seconds. */
  async revokeKey(id: ObjectId): Promise<ApiKeyDoc | null> {
    this.#believed.clear();
    return this.database
      .collection(ApiKey)
      .findOneAndUpdate({ _id: id }, [{ $set: { revokedAt: { $ifNull: ['$revokedAt', new Date()] } } }], {
        returnDocument: 'after',
      });
  }

  listKeys(): Promise<ApiKeyDoc[]> {
    return this.database.collection(ApiKey).find().sort({ _id: -1 }).toArray();
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
