import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { startSystem, type System } from '../support/system.js';

let system: System;

beforeAll(async () => (system = await startSystem({ parts: { worker: false, sandbox: false } })));
afterAll(() => system.stop());

/** Everything but the livelihood of the process needs a key, so the audit has one. */
function fetchWithKey(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${system.adminKey}`);
  return fetch(url, { ...init, headers });
}

describe('SEC-8 GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => `${system.url}/graphql`, fetchFn: fetchWithKey });

  it('SEC-8 is audited in all its points', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))(
    'SEC-8 %s %s',
    async (_id, _name, fn) => {
      const result = await fn();
      expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
    },
  );
});
