import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MASK, maskAddress, maskAddressesIn, maskValues } from '../../src/core/access/mask.js';
import { redact } from '../../src/log-redaction.js';

const phone = fc.stringMatching(/^\+[1-9][0-9]{9,13}$/);
const email = fc
  .tuple(fc.stringMatching(/^[a-z][a-z0-9]{3,10}$/), fc.constantFrom('example.com', 'mail.example.org'))
  .map(([local, domain]) => `${local}@${domain}`);
const lineUser = fc.stringMatching(/^U[0-9a-f]{32}$/);

/** What nobody may read of an address: all but its ends. */
const middle = (address: string) => (address.includes('@') ? address.split('@')[0]! : address.slice(3, -2));

describe('SEC-7 masking', () => {
  it.each([
    ['+919876543210', '+91***10'],
    ['asha@example.com', '***@example.com'],
    ['1234567', MASK],
    ['', MASK],
    ['https://hooks.example.com/t/secret?token=x', 'https://hooks.example.com/***'],
    ['https://', MASK],
  ])('SEC-7 shows of %j so much: %j', (address, shown) => {
    expect(maskAddress(address)).toBe(shown);
  });

  it('SEC-7 leaves no address in a text, wherever it stands, and changes nothing when done again', () => {
    fc.assert(
      fc.property(fc.oneof(phone, email, lineUser), (address) => {
        const masked = maskAddressesIn(`${address} to ${address}: (${address})`);
        expect(masked).not.toContain(middle(address));
        expect(maskAddressesIn(masked)).toBe(masked);
      }),
    );
  });

  it('SEC-7 leaves of a JSON value its shape alone', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(maskValues(value));
        const leaves: unknown[] = [];
        JSON.parse(text, (_key, leaf: unknown) =>
          typeof leaf === 'object' ? leaf : leaves.push(leaf) && leaf,
        );
        expect(new Set(leaves)).toEqual(new Set(leaves.length > 0 ? [MASK] : []));
      }),
    );
  });

  it('SEC-7 a masked line of the log is still one line of JSON, whatever its fields hold', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.oneof(phone, email),
        fc.string(),
        (to, address, secret) => {
          const line = JSON.stringify({
            to,
            msg: `sent to ${address}`,
            nested: { recipient: to, password: secret },
          });
          const masked = redact(line, ['an app "secret"']);
          const parsed = JSON.parse(masked) as { msg: string; nested: { password: string } };
          expect(parsed.msg).not.toContain(middle(address));
          expect(parsed.nested.password).toBe(MASK);
        },
      ),
    );
    const secret = 'an app "secret"';
    expect(redact(JSON.stringify({ msg: `it is ${secret}` }), [secret])).toBe('{"msg":"it is ***"}');
  });
});
