import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { createVerifyToken, type JwtSettings } from '../../src/adapters/jwt/verify-token.js';

const SECRET = 'a secret of thirty-two bytes or more';
const ISSUER = 'https://issuer.example';
const AUDIENCE = 'punctual';

const settings = (own: Partial<JwtSettings> = {}): JwtSettings => ({
  issuer: ISSUER,
  audience: AUDIENCE,
  algorithm: 'HS256',
  keys: { secret: SECRET },
  roleClaim: 'role',
  scopeClaim: 'scope',
  toleranceMs: 5_000,
  ...own,
});

interface TokenOptions {
  readonly claims?: Record<string, unknown>;
  readonly without?: string;
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: CryptoKey | Uint8Array;
}

/** A good token, but for what is given. */
function token({ claims = {}, without, alg = 'HS256', kid, key }: TokenOptions = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const all = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'asha',
    role: 'MANAGER',
    exp: now + 60,
    jti: 'j1',
    ...claims,
  };
  const payload = Object.fromEntries(Object.entries(all).filter(([name]) => name !== without));
  const header = { alg, ...(kid === undefined ? {} : { kid }) };
  return new SignJWT(payload).setProtectedHeader(header).sign(key ?? new TextEncoder().encode(SECRET));
}

const errors: unknown[] = [];
const verifier = (own: Partial<JwtSettings> = {}) =>
  createVerifyToken(settings(own), (error) => errors.push(error));

afterEach(() => {
  errors.length = 0;
});

describe('SEC-4 a token', () => {
  it('SEC-4 gives owner, role and scopes, and says when it ends', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 60;
    expect(await verifier()(await token({ claims: { exp } }))).toEqual({
      owner: 'asha',
      role: 'MANAGER',
      scopes: null,
      credential: 'token:j1',
      expiresAt: new Date(exp * 1_000 + 5_000),
    });
    const narrow = await token({ claims: { scope: 'openid read deliveries:write' }, without: 'jti' });
    expect(await verifier()(narrow)).toMatchObject({
      scopes: ['read', 'deliveries:write'],
      credential: 'token:asha',
    });
    const named = verifier({ roleClaim: 'https://x/role', scopeClaim: 'scp' });
    const other = await token({ claims: { 'https://x/role': 'ADMIN', scp: ['operate'] } });
    expect(await named(other)).toMatchObject({ role: 'ADMIN', scopes: ['operate'] });
    expect(await verifier()(await token({ claims: { scope: 'openid' } }))).toMatchObject({ scopes: [] });
  });

  const past = Math.floor(Date.now() / 1_000) - 60;
  it.each<[string, TokenOptions]>([
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['without an issuer', { without: 'iss' }],
    ['for another audience', { claims: { aud: 'billing' } }],
    ['without an audience', { without: 'aud' }],
    ['that never expires', { without: 'exp' }],
    ['that has expired', { claims: { exp: past } }],
    ['that is not valid yet', { claims: { nbf: past + 3_600 } }],
    ['of nobody', { without: 'sub' }],
    ['of an empty name', { claims: { sub: '' } }],
    ['of everybody', { claims: { sub: '*' } }],
    ['of a very long name', { claims: { sub: 'x'.repeat(129) } }],
    ['whose owner is an object', { claims: { sub: { $ne: null } } }],
    ['without a role', { without: 'role' }],
    ['with a role that is none', { claims: { role: 'ROOT' } }],
    ['with a role that is an object', { claims: { role: { $gt: '' } } }],
    ['with scopes in an unknown form', { claims: { scope: 7 } }],
    ['signed with another secret', { key: new TextEncoder().encode('x'.repeat(32)) }],
    ['signed by another algorithm of the same kind', { alg: 'HS512' }],
  ])('SEC-4 %s stands for nobody', async (_what, options) => {
    expect(await verifier()(await token(options))).toBeNull();
    expect(errors).toEqual([]);
  });

  it('SEC-4 without a signature stands for nobody, nor does one whose header was changed', async () => {
    const claims = { sub: 'asha', role: 'ADMIN', iss: ISSUER, aud: AUDIENCE };
    const unsecured = new UnsecuredJWT(claims).setExpirationTime('1h').encode();
    expect(await verifier()(`${unsecured}x`)).toBeNull();
    expect(await verifier()(unsecured)).toBeNull();
    const good = await token();
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await verifier()([none, ...good.split('.').slice(1)].join('.'))).toBeNull();
    expect(await verifier()(`${good.slice(0, -4)}AAAA`)).toBeNull();
  });

  it("SEC-4 that ended within the tolerance of the issuer's clock is still taken", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const justEnded = await token({ claims: { exp: now - 2 } });
    expect(await verifier({ toleranceMs: 60_000 })(justEnded)).toMatchObject({ owner: 'asha' });
    expect(await verifier({ toleranceMs: 0 })(justEnded)).toBeNull();
  });
});

describe('SEC-4 published keys', () => {
  let folder: string;
  let server: Server;
  let url: string;
  let answer: () => { status: number; body: string };
  let asked = 0;
  let old: { privateKey: CryptoKey; jwk: JWK };
  let fresh: { privateKey: CryptoKey; jwk: JWK };

  const pair = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
  };
  const signed = (by: { privateKey: CryptoKey; jwk: JWK }) =>
    token({ alg: 'RS256', kid: by.jwk.kid ?? '', key: by.privateKey });
  const set = (...pairs: { jwk: JWK }[]) => JSON.stringify({ keys: pairs.map(({ jwk }) => jwk) });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'punctual-jwks-'));
    [old, fresh] = await Promise.all([pair('old'), pair('fresh')]);
    server = createServer((_request, response) => {
      asked += 1;
      const { status, body } = answer();
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it('SEC-4 are found by kid; a forger cannot make us ask for them again and again', async () => {
    asked = 0;
    answer = () => ({ status: 200, body: set(old, fresh) });
    const verify = verifier({ algorithm: 'RS256', keys: { jwksUrl: url } });
    expect(await verify(await signed(old))).toMatchObject({ owner: 'asha' });
    expect(await verify(await signed(fresh))).toMatchObject({ owner: 'asha' });
    const forged = await signed({ ...old, jwk: { kid: 'unknown' } });
    for (let i = 0; i < 5; i += 1) expect(await verify(forged)).toBeNull();
    expect(asked).toBe(1);
  });

  it('SEC-4 make no secret: a token signed with the public key as one stands for nobody', async () => {
    answer = () => ({ status: 200, body: set(old) });
    const verify = verifier({ algorithm: 'RS256', keys: { jwksUrl: url } });
    const asSecret = new TextEncoder().encode(JSON.stringify(old.jwk));
    expect(await verify(await token({ alg: 'HS256', kid: 'old', key: asSecret }))).toBeNull();
  });

  it.each([
    ['answer with an error', 500, ''],
    ['redirect', 302, ''],
    ['give no key set', 200, '{"keys":1}'],
    ['give no JSON', 200, '<html>'],
  ])('SEC-4 that %s are UNAVAILABLE, and told to the log', async (_what, status, body) => {
    answer = () => ({ status, body });
    const verify = verifier({ algorithm: 'RS256', keys: { jwksUrl: url } });
    await expect(verify(await signed(old))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(errors).toHaveLength(1);
  });

  it('SEC-4 in a file may be changed: a new key is taken, one that is gone is not', async () => {
    const path = join(folder, 'jwks.json');
    await writeFile(path, set(old));
    const clock = jest.spyOn(performance, 'now');
    const start = performance.now();
    const at = (ms: number) => clock.mockReturnValue(start + ms);
    const verify = verifier({ algorithm: 'RS256', keys: { jwksFile: path } });
    at(0);
    expect(await verify(await signed(old))).toMatchObject({ owner: 'asha' });
    expect(await verify(await signed(fresh))).toBeNull();
    await writeFile(path, set(fresh));
    await utimes(path, new Date(), new Date(Date.now() + 1_000));
    at(5_001);
    expect(await verify(await signed(fresh))).toMatchObject({ owner: 'asha' });
    expect(await verify(await signed(old))).toBeNull();
    await writeFile(path, 'no json');
    await utimes(path, new Date(), new Date(Date.now() + 2_000));
    at(10_002);
    await expect(verify(await signed(fresh))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    clock.mockRestore();
  });
});
