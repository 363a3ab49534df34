import type { IncomingMessage } from 'node:http';
import { type Access, type Caller, PunctualError } from '../core/index.js';
import type { RateLimits } from './rate-limit.js';

/** A caller together with the key that proved it, so that the proof can be asked for again. */
export interface Credentials {
  readonly caller: Caller;
  readonly key: string;
}

/**
 * Turns an `Authorization` value into a caller (API-10).
 * @param address of the peer, by which failures are counted
 * @throws UNAUTHENTICATED, RATE_LIMITED
 */
export async function authenticate(
  access: Pick<Access, 'authenticate'>,
  rates: RateLimits,
  authorization: unknown,
  address: string,
): Promise<Credentials> {
  const key =
    typeof authorization === 'string' ? /^Bearer +(\S{1,256})$/i.exec(authorization)?.[1] : undefined;
  const caller = key === undefined ? null : await access.authenticate(key);
  if (key === undefined || !caller) {
    await rates.failure(address);
    const problem =
      key === undefined ? 'is missing: send "Authorization: Bearer KEY"' : 'is unknown, expired or revoked';
    throw new PunctualError('UNAUTHENTICATED', `the API key ${problem}`);
  }
  return { caller, key };
}

/**
 * Whether a browser's page may open a socket (SEC-3): one of our own, one that is listed, or no browser at all
 * (no Origin header). Keys are never cookies, so a foreign page has none to abuse; this keeps it from trying.
 */
export function originAllowed(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
