import { readFile, stat } from 'node:fs/promises';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** How long an issuer may take to give its keys, in ms. */
const FETCH_MS = 3_000;
/** How often a file of keys is looked at for changes, in ms. */
const LOOK_MS = 5_000;

/** One secret, for HS256 and its like. */
export function secretKey(secret: string): JWTVerifyGetKey {
  const key = new TextEncoder().encode(secret);
  return () => Promise.resolve(key);
}

/**
 * An issuer's published keys. They are fetched when first needed, every ten minutes, and when a token names a key that is
 * not among them, but then at most once in half a minute: a forger cannot make us ask more often.
 */
export function keysFromUrl(url: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), { timeoutDuration: FETCH_MS });
}

/** Keys in a file, which may be replaced while we run; what is taken out of it stops working as soon as it is seen. */
export function keysFromFile(path: string): JWTVerifyGetKey {
  let current: { readonly changed: number; readonly find: JWTVerifyGetKey } | null = null;
  let looked = -Infinity;
  const look = async (): Promise<JWTVerifyGetKey> => {
    const now = performance.now();
    if (current && now - looked < LOOK_MS) return current.find;
    const { mtimeMs } = await stat(path);
    if (mtimeMs !== current?.changed) {
      const find = createLocalJWKSet(JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet);
      current = { changed: mtimeMs, find };
    }
    looked = now;
    return current.find;
  };
  return async (header, token) => (await look())(header, token);
}
