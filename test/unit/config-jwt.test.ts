import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config.js';

const SECRET = 'hunter2 hunter2 hunter2 hunter2 hunter2';
const BASE = { JWT_ISSUER: 'https://issuer.example/', JWT_AUDIENCE: 'punctual' };

describe('SEC-4 the configuration of tokens', () => {
  it('SEC-4 is off unless an issuer is named', () => {
    expect(loadConfig({}).jwt).toBeNull();
  });

  it.each([
    [{ JWT_SECRET: SECRET }, 'HS256', { secret: SECRET }],
    [{ JWT_SECRET: SECRET, JWT_ALGORITHM: 'HS512' }, 'HS512', { secret: SECRET }],
    [{ JWT_JWKS_URL: 'https://issuer.example/jwks' }, 'RS256', { jwksUrl: 'https://issuer.example/jwks' }],
    [
      { JWT_JWKS_URL: 'http://127.0.0.1:9/jwks', JWT_ALGORITHM: 'es256' },
      'ES256',
      { jwksUrl: 'http://127.0.0.1:9/jwks' },
    ],
    [{ JWT_JWKS_FILE: 'package.json' }, 'RS256', { jwksFile: expect.stringMatching(/\/package\.json$/) }],
  ])('SEC-4 %j pins the algorithm to %s', (env, algorithm, keys) => {
    expect(loadConfig({ ...BASE, ...env }).jwt).toEqual({
      issuer: 'https://issuer.example/',
      audience: 'punctual',
      algorithm,
      keys,
      roleClaim: 'role',
      scopeClaim: 'scope',
      toleranceMs: 5_000,
    });
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ JWT_SECRET: SECRET }, /^JWT_ISSUER: is missing; .*JWT_SECRET/],
    [{ JWT_AUDIENCE: 'x' }, /^JWT_ISSUER: is missing; .*JWT_AUDIENCE/],
    [{ JWT_ISSUER: 'x', JWT_SECRET: SECRET }, /^JWT_AUDIENCE: is missing/],
    [BASE, /^JWT_ISSUER: is set with no keys; expected one of JWT_SECRET, JWT_JWKS_URL, JWT_JWKS_FILE$/],
    [
      { ...BASE, JWT_SECRET: SECRET, JWT_JWKS_URL: 'https://x' },
      /^JWT_ISSUER: is set with JWT_SECRET and JWT_JWKS_URL/,
    ],
    [{ ...BASE, JWT_SECRET: 'hunter2' }, /^JWT_SECRET: is too short; expected at least 32 bytes$/],
    [
      { ...BASE, JWT_SECRET: SECRET, JWT_ALGORITHM: 'RS256' },
      /^JWT_ALGORITHM: RS256 does not go with JWT_SECRET/,
    ],
    [
      { ...BASE, JWT_JWKS_URL: 'https://x', JWT_ALGORITHM: 'HS256' },
      /^JWT_ALGORITHM: HS256 does not go with published/,
    ],
    [{ ...BASE, JWT_SECRET: SECRET, JWT_ALGORITHM: 'none' }, /^JWT_ALGORITHM: "none" is none of them/],
    [
      { ...BASE, JWT_JWKS_URL: 'http://issuer.example' },
      /^JWT_JWKS_URL: goes over plain http; expected https/,
    ],
    [{ ...BASE, JWT_JWKS_FILE: '/nowhere/x' }, /^JWT_JWKS_FILE: there is no file \/nowhere\/x/],
    [{ JWT_CLOCK_TOLERANCE: '10m' }, /^JWT_CLOCK_TOLERANCE: "10m" is above 1m/],
    [
      { ALLOWED_ORIGINS: 'https://app.example/path' },
      /^ALLOWED_ORIGINS: .* holds something else; expected origins/,
    ],
    [{ ALLOWED_ORIGINS: '*' }, /^ALLOWED_ORIGINS: /],
  ])('CORE-51 SEC-4 %j is refused in one line that names the variable', (env, line) => {
    const refused = () => loadConfig(env);
    expect(refused).toThrow(line);
    expect(refused).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(refused).not.toThrow(/hunter2/);
  });

  it('SEC-3 origins are listed with commas', () => {
    expect(loadConfig({}).allowedOrigins).toEqual([]);
    const listed = { ALLOWED_ORIGINS: 'https://app.example, http://localhost:5173' };
    expect(loadConfig(listed).allowedOrigins).toEqual(['https://app.example', 'http://localhost:5173']);
  });
});
