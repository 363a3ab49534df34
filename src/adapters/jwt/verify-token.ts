import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { type Caller, isOwnerName, ROLES, type Scope, SCOPES } from '../../core/access/caller.js';
import type { VerifyToken } from '../../core/access/token.js';
import { PunctualError } from '../../core/errors.js';
import { keysFromFile, keysFromUrl, secretKey } from './key-source.js';

/** Where the keys come from under which tokens are signed. */
export type JwtKeys =
  { readonly secret: string } | { readonly jwksUrl: string } | { readonly jwksFile: string };

/** Whose tokens are taken, and how they are read. */
export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  /** The one algorithm that is taken, whatever a token's header says. */
  readonly algorithm: string;
  readonly keys: JwtKeys;
  /** The claim with one of our roles. */
  readonly roleClaim: string;
  /** The claim with our scopes, separated by spaces; a token without it has all that its role permits. */
  readonly scopeClaim: string;
  /** How far the issuer's clock may be off, in ms. */
  readonly toleranceMs: number;
}

/** What is wrong with a token itself: it stands for nobody. All else is about keys that cannot be had or are no keys. */
const BAD_TOKENS: ReadonlySet<string> = new Set(
  [
    errors.JWTExpired,
    errors.JWTClaimValidationFailed,
    errors.JWTInvalid,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
  ].map(({ code }) => code),
);

/**
 * Takes JWTs of one issuer (SEC-4): `iss`, `aud`, `exp` and `sub` are required, the algorithm is pinned, keys are found by
 * `kid` and may be changed while we run.
 * @param onError gets what UNAVAILABLE comes from
 */
export function createVerifyToken(settings: JwtSettings, onError: (error: unknown) => void): VerifyToken {
  const { issuer, audience, algorithm, toleranceMs } = settings;
  const key = keySourceOf(settings.keys);
  const options = {
    issuer,
    audience,
    algorithms: [algorithm],
    requiredClaims: ['exp', 'sub'],
    clockTolerance: toleranceMs / 1_000,
  };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, key, options);
      return callerOf(payload, settings);
    } catch (error) {
      if (error instanceof errors.JOSEError && BAD_TOKENS.has(error.code)) return null;
      onError(error);
      throw new PunctualError('UNAVAILABLE', "the issuer's keys cannot be had now", { cause: error });
    }
  };
}

function keySourceOf(keys: JwtKeys): JWTVerifyGetKey {
  if ('secret' in keys) return secretKey(keys.secret);
  return 'jwksUrl' in keys ? keysFromUrl(keys.jwksUrl) : keysFromFile(keys.jwksFile);
}

/** Null for a token that is genuine and yet tells us nothing: no owner, no role of ours. */
function callerOf(payload: JWTPayload, settings: JwtSettings): Caller | null {
  const { sub = '', exp = 0, jti } = payload;
  const role = ROLES.find((known) => known === payload[settings.roleClaim]);
  const scopes = scopesOf(payload[settings.scopeClaim]);
  if (!isOwnerName(sub) || role === undefined || scopes === undefined) return null;
  return {
    owner: sub,
    role,
    scopes,
    credential: `token:${jti ?? sub}`,
    expiresAt: new Date(exp * 1_000 + settings.toleranceMs),
  };
}

/** Scopes of others are none of ours. @returns null: all that the role permits; undefined: not in a form that we know */
function scopesOf(claim: unknown): readonly Scope[] | null | undefined {
  if (claim === undefined) return null;
  const words: unknown = typeof claim === 'string' ? claim.split(' ') : claim;
  return Array.isArray(words) ? SCOPES.filter((scope) => words.includes(scope)) : undefined;
}
