import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ObjectId } from '@mikro-orm/mongodb';
import type { Database } from '../database.js';
import { monotonicMs } from '../clock.js';
import { ApiKey, type ApiKeyDoc } from './api-key.entity.js';
import { PunctualError } from '../errors.js';
import { type Caller, isOwnerName, type Role, ROLES, type Scope } from './caller.js';
import type { VerifyToken } from './token.js';

/** How long a credential that was found good is believed, in ms: a revoked key works at most this long. */
const BELIEVED_MS = 5_000;
/** Credentials that are remembered; more than any installation has at work at once. */
const REMEMBERED = 10_000;
const KEY = /^pk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/;
/** Three parts in base64url: what is no such thing is not worth a look. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A key to make. */
export interface NewApiKey {
  readonly name: string;
  readonly owner: string;
  readonly role: Role;
  /** Null or omitted: everything that the role permits. */
  readonly scopes?: readonly Scope[] | null;
  /** Null or omitted: it does not expire. */
  readonly expiresAt?: Date | null;
}

/** Who asks: API keys, made, checked, revoked, and tokens of an issuer that is trusted (SEC-4). */
export class Access {
  readonly #believed = new Map<string, { readonly caller: Caller; readonly until: number }>();

  /** @param verifyToken null: no tokens are taken */
  constructor(
    private readonly database: Database,
    private readonly verifyToken: VerifyToken | null = null,
  ) {}

  /** Who a key or a token stands for; null when it is unknown, forged, expired or revoked. @throws UNAVAILABLE */
  async authenticate(credential: string): Promise<Caller | null> {
    const isKey = KEY.test(credential);
    if (!isKey && (this.verifyToken === null || !TOKEN.test(credential))) return null;
    const hash = hashOf(credential);
    const believed = this.#believed.get(hash);
    if (believed && believed.until > monotonicMs()) return believed.caller;
    this.#believed.delete(hash);
    const seen = monotonicMs();
    const caller = isKey ? await this.#byKey(hash) : ((await this.verifyToken?.(credential)) ?? null);
    if (!caller) return null;
    if (this.#believed.size >= REMEMBERED) this.#believed.clear();
    const left = caller.expiresAt === null ? BELIEVED_MS : caller.expiresAt.getTime() - new Date().getTime();
    this.#believed.set(hash, { caller, until: seen + Math.min(BELIEVED_MS, left) });
    return caller;
  }

  /**
   * Makes a key. The key is returned here and never again.
   * @param maker who asks for it, and cannot give more than it has; omitted: the process itself, as at the first start
   * @throws VALIDATION_ERROR (an owner who cannot be), FORBIDDEN
   */
  async createKey(input: NewApiKey, maker?: Caller): Promise<{ key: string; doc: ApiKeyDoc }> {
    if (!isOwnerName(input.owner)) {
      throw new PunctualError('VALIDATION_ERROR', `${JSON.stringify(input.owner)} cannot be an owner`, {
        path: 'owner',
      });
    }
    if (maker) checkWithin(maker, input);
    const prefix = `pk_${randomBytes(4).toString('hex')}`;
    const key = `${prefix}_${randomBytes(32).toString('base64url')}`;
    const doc: ApiKeyDoc = {
      _id: new ObjectId(),
      prefix,
      hash: hashOf(key),
      name: input.name,
      owner: input.owner,
      role: input.role,
      scopes: input.scopes ? [...new Set(input.scopes)] : null,
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
    const doc = await this.database
      .collection(ApiKey)
      .findOneAndUpdate({ _id: id }, [{ $set: { revokedAt: { $ifNull: ['$revokedAt', new Date()] } } }], {
        returnDocument: 'after',
      });
    this.#believed.clear();
    return doc;
  }

  listKeys(): Promise<ApiKeyDoc[]> {
    return this.database.collection(ApiKey).find().sort({ _id: -1 }).toArray();
  }

  async #byKey(hash: string): Promise<Caller | null> {
    const doc = await this.database.collection(ApiKey).findOne({ hash });
    // The look-up is by the hash of 256 random bits, so its timing tells nothing; the comparison is for good measure.
    if (!doc || !timingSafeEqual(Buffer.from(doc.hash), Buffer.from(hash))) return null;
    const now = new Date();
    if (doc.revokedAt !== null || (doc.expiresAt !== null && doc.expiresAt <= now)) return null;
    await this.database.collection(ApiKey).updateOne({ _id: doc._id }, { $set: { lastUsedAt: now } });
    return {
      owner: doc.owner,
      role: doc.role,
      scopes: doc.scopes ?? null,
      credential: `key:${doc._id.toHexString()}`,
      expiresAt: doc.expiresAt,
    };
  }
}

/**
 * A key has at most what its maker has: role, scopes, and, where the maker is a key itself, time. (A person's token lasts
 * minutes, and is what people make lasting keys with.)
 * @throws FORBIDDEN
 */
function checkWithin(maker: Caller, { role, scopes, expiresAt }: NewApiKey): void {
  const refuse = (path: string, what: string): PunctualError =>
    new PunctualError('FORBIDDEN', `a key cannot have more than its maker, whose ${what}`, { path });
  if (ROLES.indexOf(role) > ROLES.indexOf(maker.role)) throw refuse('role', `role is ${maker.role}`);
  const own = maker.scopes;
  if (own !== null && !(scopes ?? null)?.every((scope) => own.includes(scope)))
    throw refuse('scopes', `scopes are ${own.join(', ')}`);
  const end = maker.credential.startsWith('key:') ? maker.expiresAt : null;
  if (end !== null && (expiresAt == null || expiresAt > end))
    throw refuse('expiresAt', `key expires at ${end.toISOString()}`);
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
