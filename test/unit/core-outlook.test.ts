import { describe, expect, it } from '@jest/globals';
import type { ChannelName } from '../../src/core/channel/channel.js';
import { Clock } from '../../src/core/clock.js';
import type { ChannelStateView } from '../../src/core/dispatch/channel-states.js';
import { lastOf } from '../../src/core/sla/forecast.js';
import { type Circumstances, type Outlook, Outlooks } from '../../src/core/sla/outlook.js';
import type { OverdueGroup } from '../../src/core/sla/overdue.js';
import { TEST_POLICIES } from '../support/engine.js';
import { createTestChannel } from '../support/test-channel.js';

const clock = new Clock();
const NOW = clock.now();

function view(channel: ChannelName, own: Partial<ChannelStateView> = {}): ChannelStateView {
  return {
    channel,
    provider: 'test',
    breaker: 'CLOSED',
    consecutiveFailures: 0,
    retryAt: null,
    stopped: null,
    limits: { zone: 'UTC' },
    usedToday: null,
    ...own,
  };
}

const late = (own: Partial<OverdueGroup>): OverdueGroup => ({
  queue: 'q',
  channel: 'WHATSAPP',
  tier: 'STANDARD',
  program: null,
  count: 1,
  ...own,
});

function outlook(own: Partial<Circumstances>, paused: readonly string[] = []): Outlook {
  const channels = new Map((['WHATSAPP', 'SMS'] as const).map((name) => [name, createTestChannel({ name })]));
  const queues = {
    names: () => new Set(['q', 'other']),
    definition: (name: string) => {
      if (!['q', 'other'].includes(name)) throw new Error(`there is no queue ${name}`);
      return { name, maxInFlight: 100 };
    },
    isPaused: (name: string) => paused.includes(name),
  };
  return new Outlooks(clock, TEST_POLICIES, channels, queues).of({
    now: NOW,
    minutes: [],
    answersSince: NOW - 300_000,
    overdue: [],
    crew: { workers: 1, places: 100 },
    channels: [view('WHATSAPP'), view('SMS')],
    ...own,
  });
}

describe('the outlook', () => {
  it('CORE-41 what is of a queue or a channel that is not configured any more is not expected to leave', () => {
    const { departures } = outlook({
      overdue: [late({ queue: 'gone' }), late({ channel: 'VOICE' }), late({})],
    });
    const told = departures.map(({ of, leftAt, limitedBy }) => [
      of.queue,
      of.channel,
      leftAt === null,
      limitedBy,
    ]);
    expect(told).toEqual(
      expect.arrayContaining([
        ['gone', 'WHATSAPP', true, 'WAKE'],
        ['q', 'VOICE', true, 'WAKE'],
        ['q', 'WHATSAPP', false, 'IN_FLIGHT'],
      ]),
    );
    expect(told).toHaveLength(3);
  });

  it('CORE-41 what leaves last is what nobody can tell of, and it is said what holds it', () => {
    const { departures } = outlook({ overdue: [late({}), late({ queue: 'other' }), late({})] }, ['other']);
    expect(lastOf(departures)).toMatchObject({ leftAt: null, limitedBy: 'PAUSED' });
    expect(lastOf([...departures].reverse())).toMatchObject({ leftAt: null, limitedBy: 'PAUSED' });
  });

  it('CORE-41 a limit of the day that is used up lasts until midnight of its zone, and is said to be in the way', () => {
    const limits = { zone: 'UTC', perDay: 10 };
    const { departures, obstacles } = outlook({
      overdue: [late({}), late({ channel: 'SMS' })],
      channels: [view('WHATSAPP', { limits, usedToday: 10 }), view('SMS', { limits, usedToday: 9 })],
    });
    const midnight = (Math.floor(clock.realNow() / 86_400_000) + 1) * 86_400_000;
    const by = (channel: ChannelName) => departures.find(({ of }) => of.channel === channel);
    expect(by('WHATSAPP')?.limitedBy).toBe('DAY_LIMIT');
    expect(by('WHATSAPP')?.leftAt ?? 0).toBeGreaterThanOrEqual(midnight);
    expect(by('SMS')?.limitedBy).toBe('IN_FLIGHT');
    expect(obstacles).toEqual([{ channel: 'WHATSAPP', text: expect.stringContaining('midnight in UTC') }]);
  });
});
