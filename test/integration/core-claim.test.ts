import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { type Priority, type Tier, TIERS } from '../../src/core/delivery/rank.js';
import { SLOTS } from '../../src/core/schedule/accept.js';
import { ended } from '../support/ended-attempt.js';
import { createTestEngine, type TestEngine } from '../support/engine.js';

const LANE = { queue: 'q', channel: 'WHATSAPP' } as const;
const HOUR_MS = 3_600_000;

let engine: TestEngine;
let second: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  second = await createTestEngine({ beside: engine });
});
afterAll(async () => {
  await second.stop();
  await engine.stop();
});
beforeEach(() => engine.clear());

const ids = (deliveries: readonly DeliveryDoc[]): string[] => deliveries.map((d) => d._id.toHexString());
const ahead = (ms: number): Date => new Date(engine.clock.now() + ms);
const many = (count: number): object[] => Array.from({ length: count }, () => ({}));

describe('CORE-20 Ringer', () => {
  it('CORE-20 queues what is due up to the horizon, and nothing that is due later or elsewhere', async () => {
    const start = engine.clock.now();
    const at = (ms: number): Date => new Date(start + HOUR_MS + ms);
    const [due, later, elsewhere] = await engine.accept(
      'me',
      { dueAt: at(0) },
      { dueAt: at(60_000) },
      { dueAt: at(0), queue: 'other' },
    );
    if (!due || !later || !elsewhere) throw new Error('refused');
    expect(await engine.ringer.ring('q')).toBe(0);
    engine.advance(HOUR_MS);
    expect(await engine.ringer.ring('q')).toBe(1);
    expect(await engine.read(due)).toMatchObject({ state: 'QUEUED', order: due.rank });
    expect((await engine.read(later)).state).toBe('SCHEDULED');
    expect((await engine.read(elsewhere)).state).toBe('SCHEDULED');
  });

  it('CORE-20 rings once where two ring at once, in one history entry each', async () => {
    const dueAt = ahead(HOUR_MS);
    await engine.accept('me', ...many(2_500).map(() => ({ dueAt })));
    engine.advance(HOUR_MS);
    second.clock.setOffset(HOUR_MS);
    const rung = await Promise.all([engine.ringer.ring('q'), second.ringer.ring('q')]);
    second.clock.setOffset(0);
    expect(rung[0] + rung[1]).toBe(2_500);
    expect(await engine.deliveries.countDocuments({ state: 'QUEUED', history: { $size: 2 } })).toBe(2_500);
  });
});

describe('CORE-20 Claimer', () => {
  it('CORE-20 takes tier, then priority, then due instant, a batch at a time', async () => {
    const wave = fc.array(
      fc.record({
        tier: fc.constantFrom<Tier>(...TIERS),
        priority: fc.constantFrom<Priority>('HIGH', 'MEDIUM', 'LOW'),
      }),
      { minLength: 1, maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(wave, fc.integer({ min: 1, max: 10 }), async (items, limit) => {
        const accepted = await engine.accept('me', ...items);
        const expected = [...accepted].sort((a, b) => a.rank - b.rank).map((d) => d.rank);
        const claimed: number[] = [];
        for (let more = true; more;) {
          const answer = await engine.claimer.claim(LANE, 'w', limit, null);
          claimed.push(...answer.claimed.map((d) => d.rank));
          expect(answer.claimed.length).toBeLessThanOrEqual(limit);
          more = answer.more;
        }
        expect(claimed).toEqual(expected);
        await engine.deliveries.deleteMany({});
      }),
      { numRuns: 15 },
    );
  });

  it('INV-4 INV-5 counts the try and raises the fence, in the database and in what it returns', async () => {
    await engine.accept('me', ...many(3));
    for (let round = 1; round <= 3; round++) {
      const { claimed } = await engine.claimer.claim(LANE, `w${round}`, 10, null);
      expect(claimed).toHaveLength(3);
      for (const delivery of claimed) {
        expect(delivery).toMatchObject({
          state: 'SENDING',
          worker: `w${round}`,
          fence: round,
          attempts: round,
        });
        const { history: _, ...stored } = await engine.read(delivery);
        const { history: __, ...returned } = delivery;
        expect(stored).toEqual(returned);
      }
      await engine.writer.write(
        `w${round}`,
        claimed.map((delivery) => ended(delivery, 'unauthorised')),
      );
    }
  });

  it('CORE-1 two claimers never get the same delivery, and together they get all', async () => {
    await engine.accept('me', ...many(400));
    const drain = async (of: TestEngine, worker: string): Promise<string[]> => {
      const own: string[] = [];
      for (;;) {
        const { claimed, more } = await of.claimer.claim(LANE, worker, 25, null);
        own.push(...ids(claimed));
        if (!more) return own;
      }
    };
    const all = (
      await Promise.all([drain(engine, 'w1'), drain(second, 'w2'), drain(engine, 'w3'), drain(second, 'w4')])
    ).flat();
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(400);
    expect(await engine.deliveries.countDocuments({ state: 'SENDING', fence: 1, attempts: 1 })).toBe(400);
  });

  it('CORE-23 with a share of the slots takes only that share, and without one all', async () => {
    await engine.accept('me', ...many(200));
    const even = Array.from({ length: SLOTS }, (_, i) => i).filter((slot) => slot % 2 === 0);
    const { claimed } = await engine.claimer.claim(LANE, 'w', 500, even);
    expect(claimed.every((delivery) => even.includes(delivery.slot))).toBe(true);
    const rest = await engine.claimer.claim(LANE, 'w', 500, null);
    expect(rest.claimed.every((delivery) => !even.includes(delivery.slot))).toBe(true);
    expect(claimed.length + rest.claimed.length).toBe(200);
    expect(claimed.length).toBeGreaterThan(0);
    expect(rest.claimed.length).toBeGreaterThan(0);
  });

  it('CORE-14 an expired one becomes MISSED, and is not returned; the others of the batch are', async () => {
    const [expired, fit] = await engine.accept(
      'me',
      { expiresAt: ahead(60_000) },
      { expiresAt: ahead(HOUR_MS) },
    );
    if (!expired || !fit) throw new Error('refused');
    engine.advance(60_000);
    const { claimed } = await engine.claimer.claim(LANE, 'w', 10, null);
    expect(ids(claimed)).toEqual(ids([fit]));
    const missed = await engine.read(expired);
    expect(missed).toMatchObject({ state: 'MISSED', place: null, attempts: 0, fence: 0, worker: null });
    expect(missed.history.at(-1)).toMatchObject({ state: 'MISSED', reason: 'EXPIRED' });
  });

  it('CORE-20 stays within its lane', async () => {
    await engine.accept('me', {}, { queue: 'other' }, { channel: 'SMS' });
    const { claimed, more } = await engine.claimer.claim(LANE, 'w', 10, null);
    expect(claimed.map((d) => [d.queue, d.channel])).toEqual([['q', 'WHATSAPP']]);
    expect(more).toBe(false);
    expect(await engine.claimer.claim(LANE, 'w', 10, null)).toEqual({ claimed: [], more: false });
  });

  it('CORE-1 a claim that fails changes nothing: neither state nor counters nor events', async () => {
    const [delivery] = await engine.accept('me', {});
    if (!delivery) throw new Error('refused');
    const broken = engine.recorder();
    const failing = Object.assign(broken, {
      record: () => Promise.reject(new Error('no room for the event')),
    });
    const { Claimer } = await import('../../src/core/dispatch/claim.js');
    const claimer = new Claimer(engine.database, engine.clock, failing);
    await expect(claimer.claim(LANE, 'w', 10, null)).rejects.toThrow('no room for the event');
    expect(await engine.read(delivery)).toEqual(delivery);
  });
});
