import type { Caller } from './caller.js';

/**
 * Turns a token that somebody else has issued, a JWT, into a caller.
 * @returns null for one that is forged, expired or not meant for us
 * @throws UNAVAILABLE when the issuer's keys cannot be had now
 */
export type VerifyToken = (token: string) => Promise<Caller | null>;
