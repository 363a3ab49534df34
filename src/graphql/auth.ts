import type { IncomingMessage } from 'node:http';
import { type Access, type Caller, PunctualError } from '../core/index.js';
import type { RateLimits } from './rate-limit.js';

/** A caller together with the key or token that proved it, so that the proof can be asked for again. */
export interface Credentials {
  readonly caller: Caller;
  readonly bearer: string;
}

/**
 * Turns an `Authorization` value into a caller (API-10).
 * @param address of the peer, by which failures are counted
 * @throws UNAUTHENTICATED, RATE_LIMITED, UNAVAILABLE
 */
export async function authenticate(
  access: Pick<Access, 'authenticate'>,
  rates: RateLimits,
  authorization: unknown,
  address: string,
): Promise<Credentials> {
  const bearer = bearerOf(authorization);
  const caller = bearer === null ? null : await access.authenticate(bearer);
  if (bearer === null || !caller) {
    await rates.failure(address);
    throw new PunctualError(
      'UNAUTHENTICATED',
      bearer === null
        ? 'credentials are missing: send "Authorization: Bearer KEY"'
        : 'the key or token is unknown, expired or revoked',
    );
  }
  return { caller, bearer };
}

/** The key or token in an `Authorization` value; null where there is none. */
export function bearerOf(authorization: unknown): string | null {
  return typeof authorization === 'string'
    ? (/^Bearer +(\S{1,8192})$/i.exec(authorization)?.[1] ?? null)
    : null;
}

/** What a connection that outlives its credentials ends with. */
export function credentialsEnded(): PunctualError {
  return new PunctualError('UNAUTHENTICATED', 'the key was revoked, or the key or token has expired');
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
