import { ObjectId } from '@mikro-orm/mongodb';
import { type ErrorCode, PunctualError } from '../core/index.js';

/** Global ids (API-4): base64url of `Type:key`. Opaque to clients; the type makes a foreign kind of id an unknown one. */
export function toGlobalId(type: string, key: ObjectId | string): string {
  return Buffer.from(`${type}:${typeof key === 'string' ? key : key.toHexString()}`).toString('base64url');
}

/** Type and key of a global id; null when it is none. */
export function parseGlobalId(id: string): { readonly type: string; readonly key: string } | null {
  if (id.length > 256 || !/^[\w-]+$/.test(id)) return null;
  const text = Buffer.from(id, 'base64url').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return null;
  const parsed = { type: text.slice(0, colon), key: text.slice(colon + 1) };
  // Base64 has many spellings of one text: only ours is an id, so that ids can be compared as strings.
  return toGlobalId(parsed.type, parsed.key) === id ? parsed : null;
}

/** The database id in a global id of this type; null for any other text. */
export function objectIdOf(type: string, id: string): ObjectId | null {
  const parsed = parseGlobalId(id);
  return parsed?.type === type && /^[0-9a-f]{24}$/.test(parsed.key) ? new ObjectId(parsed.key) : null;
}

/**
 * The database id in a global id. What is no such id is answered as an unknown one is (API-10).
 * @throws PunctualError with `code`: `DELIVERY_NOT_FOUND` and its like
 */
export function requireObjectId(type: string, id: string, code: ErrorCode, path = 'id'): ObjectId {
  const key = objectIdOf(type, id);
  if (!key) throw notFound(type, code, path);
  return key;
}

/** The one answer for what does not exist and for what belongs to somebody else. */
export function notFound(type: string, code: ErrorCode, path = 'id'): PunctualError {
  return new PunctualError(code, `there is no such ${type.toLowerCase()}`, { path });
}
