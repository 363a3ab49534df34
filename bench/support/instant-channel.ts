import type { Channel, ChannelLimits, ChannelName } from '../../src/core/channel/channel.js';

/**
 * A channel that accepts everything at once, without I/O: for benchmarks and drills that measure the engine and
 * nothing else. Not in `src`, so that no configuration can send real deliveries into it.
 */
export function createInstantChannel(
  options: { readonly name?: ChannelName; readonly limits?: ChannelLimits } = {},
): Channel {
  return {
    name: options.name ?? 'WHATSAPP',
    provider: 'instant',
    limits: options.limits ?? { zone: 'UTC' },
    idempotent: true,
    onUnknownOutcome: 'RETRY',
    address: (raw) => ({ ok: true, to: raw }),
    check: () => null,
    send: ({ key, attempt }) =>
      Promise.resolve({ outcome: 'ACCEPTED', messageId: `instant-${key}-${attempt}` }),
    close: () => Promise.resolve(),
  };
}
