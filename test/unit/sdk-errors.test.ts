import { describe, expect, it } from '@jest/globals';
import { createClient, orThrow, PunctualUserError } from '#sdk';

describe('errors as exceptions', () => {
  it('API-2 a payload without errors is given back as it is', () => {
    const payload = { delivery: { id: 'x' }, errors: [] };
    expect(orThrow(payload)).toBe(payload);
  });

  it('API-2 the first error is thrown with its code, path and place, and all of them with it', () => {
    const errors = [
      { code: 'INVALID_TIMEZONE', message: 'no such zone', path: 'items[3].at.timezone', index: 3 },
      { code: 'VALIDATION_ERROR', message: 'too long', path: null, index: null },
    ] as const;
    const thrown = (): unknown => orThrow({ errors });
    expect(thrown).toThrow(PunctualUserError);
    expect(thrown).toThrow(
      expect.objectContaining({
        name: 'PunctualUserError',
        code: 'INVALID_TIMEZONE',
        path: 'items[3].at.timezone',
        index: 3,
        errors,
        message: 'INVALID_TIMEZONE: no such zone (and 1 more)',
      }),
    );
  });
});

describe('options', () => {
  it.each([
    ['no address', { url: 'nonsense', apiKey: 'k' }, 'url: "nonsense"'],
    ['an address of another kind', { url: 'ftp://example.org', apiKey: 'k' }, 'url: "ftp://example.org"'],
    ['no key', { url: 'http://127.0.0.1:4000' }, 'apiKey: '],
    ['nothing', {}, 'url: is missing'],
  ])('%s is refused, and named', (_name, options, message) => {
    expect(() => createClient(options)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', message: expect.stringContaining(message) }),
    );
  });

  it('what is omitted is taken from the environment', async () => {
    process.env['PUNCTUAL_URL'] = 'http://127.0.0.1:4000/behind/a/proxy/';
    process.env['PUNCTUAL_API_KEY'] = 'key-of-the-environment';
    try {
      const sent: unknown[] = [];
      const client = createClient({
        fetch: async (url, init) => {
          sent.push(url, new Headers(init.headers).get('authorization'));
          return Response.json({ data: {} });
        },
      });
      await client.request({ toString: () => '{ queues { name } }' } as never);
      expect(sent).toEqual(['http://127.0.0.1:4000/behind/a/proxy/graphql', 'Bearer key-of-the-environment']);
    } finally {
      delete process.env['PUNCTUAL_URL'];
      delete process.env['PUNCTUAL_API_KEY'];
    }
  });
});
