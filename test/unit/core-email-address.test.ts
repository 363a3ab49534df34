import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readEmailAddress, readMailbox } from '../../src/core/channel/email-address.js';

describe('e-mail addresses', () => {
  it('API-5 what is taken is one bare ASCII address that is read alike again', () => {
    const piece = fc.constantFrom(
      'a',
      'Z',
      '1',
      '.',
      '-',
      '+',
      '@',
      'ü',
      '日',
      ' ',
      '\n',
      '\u2028',
      '<',
      ',',
      '%',
      '"',
      'org',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.emailAddress(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (raw) => {
          const read = readEmailAddress(raw);
          if (!read.ok) return expect(read.problem).toMatch(/^(is|has) /);
          expect(read.to).toMatch(/^[\x21-\x3b\x3d\x3f\x41-\x7e]+@[a-z\d-]+(\.[a-z\d-]+)+$/);
          expect(readEmailAddress(read.to)).toEqual(read);
        },
      ),
    );
  });

  it('API-5 says what is wrong', () => {
    const problem = (raw: string): unknown => {
      const read = readEmailAddress(raw);
      return read.ok ? null : read.problem;
    };
    expect(problem('ann@example.org\r\nBcc: b@example.org')).toBe(
      'has a line break or another control character in it',
    );
    expect(problem('ann')).toBe('is not an e-mail address');
    expect(problem('ann lee@example.org')).toBe(
      'has something before the @ that not every mail server takes',
    );
    expect(problem('ann@example')).toBe('has no domain name after the @');
    expect(
      problem(`${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}`),
    ).toBe('is longer than 254 characters');
  });

  it('reads a name with an address', () => {
    const from = (raw: string) => readMailbox(raw);
    expect(from('Punctual <punctual@example.org>')).toEqual({
      ok: true,
      name: 'Punctual',
      address: 'punctual@example.org',
    });
    expect(from('"Lee, Ann" <ann@Example.org>')).toMatchObject({
      name: 'Lee, Ann',
      address: 'ann@example.org',
    });
    expect(from('ann@example.org')).toMatchObject({ name: '', address: 'ann@example.org' });
    expect(from('Ann\r\nBcc: x <ann@example.org>')).toMatchObject({ ok: false });
    expect(from('Ann <ann@example.org> <b@example.org>')).toMatchObject({ ok: false });
    expect(from('Ann <ann>')).toMatchObject({ ok: false });
  });
});
