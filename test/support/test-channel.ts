import type { Channel, ChannelName } from '../../src/core/channel/channel.js';

/**
 * A channel that is told what to answer, for tests of the engine: the channels themselves are tested against the sandbox
 * and by the contract. Everything is accepted where nothing else is said.
 */
export function createTestChannel(own: Partial<Channel> & { readonly name: ChannelName }): Channel {
  return {
    provider: `test-${own.name.toLowerCase()}`,
    limits: { zone: 'UTC' },
    idempotent: false,
    onUnknownOutcome: 'RETRY',
    address: (raw) =>
      raw.startsWith('+')
        ? { ok: true, to: raw.replaceAll(' ', '') }
        : { ok: false, problem: 'is no number' },
    check: (content) => (content.kind === 'JSON' ? 'is of a kind that cannot be carried' : null),
    send: ({ key, attempt }) => Promise.resolve({ outcome: 'ACCEPTED', messageId: `${key}-${attempt}` }),
    close: () => Promise.resolve(),
    ...own,
  };
}
