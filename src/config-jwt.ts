import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { Values } from './config-schema.js';
import { invalid } from './config-sources.js';

/** Whose tokens are taken besides API keys; the fields are those of the adapter. */
export interface JwtConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithm: string;
  readonly keys: { readonly secret: string } | { readonly jwksUrl: string } | { readonly jwksFile: string };
  readonly roleClaim: string;
  readonly scopeClaim: string;
  readonly toleranceMs: number;
}

/** Bytes of the shortest secret that is worth its hash (RFC 7518, 3.2). */
const SHORTEST_SECRET = 32;

/**
 * Tokens are taken where JWT_ISSUER is set, and then everything that pins them down has to be there (SEC-4).
 * @throws CONFIG_INVALID
 */
export function jwtConfig(values: Values): JwtConfig | null {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = values;
  const sources = ['JWT_SECRET', 'JWT_JWKS_URL', 'JWT_JWKS_FILE'] as const;
  const given = sources.filter((name) => values[name] !== null);
  if (issuer === null) {
    const [odd] = (['JWT_AUDIENCE', 'JWT_ALGORITHM', ...sources] as const).filter((n) => values[n] !== null);
    if (odd) throw invalid(`JWT_ISSUER: is missing; expected a value, because ${odd} is set`);
    return null;
  }
  if (audience === null)
    throw invalid('JWT_AUDIENCE: is missing; expected a value, because JWT_ISSUER is set');
  if (given.length !== 1)
    throw invalid(
      `JWT_ISSUER: is set with ${given.join(' and ') || 'no keys'}; expected one of ${sources.join(', ')}`,
    );
  return {
    issuer,
    audience,
    algorithm: algorithmOf(values),
    keys: keysOf(values),
    roleClaim: values.JWT_ROLE_CLAIM,
    scopeClaim: values.JWT_SCOPE_CLAIM,
    toleranceMs: values.JWT_CLOCK_TOLERANCE,
  };
}

/** A secret makes one kind of signature, published keys the other: mixed, a public key would pass for a secret. */
function algorithmOf({ JWT_SECRET: secret, JWT_ALGORITHM: algorithm }: Values): string {
  const isSecret = secret !== null;
  if (algorithm === null) return isSecret ? 'HS256' : 'RS256';
  if (algorithm.startsWith('HS') !== isSecret) {
    throw invalid(
      `JWT_ALGORITHM: ${algorithm} does not go with ${isSecret ? 'JWT_SECRET' : 'published keys'}; expected ${isSecret ? 'HS256, HS384 or HS512' : 'one that is not HS'}`,
    );
  }
  return algorithm;
}

function keysOf({
  JWT_SECRET: secret,
  JWT_JWKS_URL: jwksUrl,
  JWT_JWKS_FILE: jwksFile,
}: Values): JwtConfig['keys'] {
  if (secret !== null) {
    if (Buffer.byteLength(secret) < SHORTEST_SECRET)
      throw invalid(`JWT_SECRET: is too short; expected at least ${SHORTEST_SECRET} bytes`);
    return { secret };
  }
  if (jwksUrl !== null) {
    if (new URL(jwksUrl).protocol === 'http:' && !isLoopback(jwksUrl))
      throw invalid('JWT_JWKS_URL: goes over plain http; expected https, except on this machine');
    return { jwksUrl };
  }
  const file = resolve(jwksFile ?? '');
  if (!existsSync(file)) throw invalid(`JWT_JWKS_FILE: there is no file ${file}; expected a key set in JSON`);
  return { jwksFile: file };
}

/** Whether a URL leads to this machine itself. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'))
  );
}
