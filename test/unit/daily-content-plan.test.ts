import { describe, expect, it } from '@jest/globals';
import { ObjectId } from '@mikro-orm/mongodb';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { type NewDelivery, type Tier, TIERS } from '../../src/core/index.js';
import type { AdvisorDoc } from '../../src/programs/daily-content/advisor.entity.js';
import type { ContentDoc } from '../../src/programs/daily-content/content.entity.js';
import { nextTimeOfDay } from '../../src/core/index.js';
import { templateFor, unknownVariables } from '../../src/programs/daily-content/message.js';
import { partOf, placeInWave } from '../../src/programs/daily-content/placement.js';
import { type Lookups, planPage, type WavePlan } from '../../src/programs/daily-content/plan.js';
import type { TierSizes } from '../../src/programs/daily-content/wave.entity.js';
import { waveWindow, type WaveTimes } from '../../src/programs/daily-content/window.js';

const CONTENT: ContentDoc = {
  _id: new ObjectId('000000000000000000000c01'),
  owner: 'acme',
  externalId: 'tip-1',
  template: 'daily_tip',
  language: 'en',
  components: [{ type: 'body', parameters: [{ type: 'text', text: 'Hello {{ name }}' }] }],
  text: 'Hello {{name}}, it is {{date}}',
  createdAt: new Date(0),
};

const ALL: Lookups = { contentFor: () => CONTENT, carries: () => false };

function advisor(number: number, tier: Tier, rest: Partial<AdvisorDoc> = {}): AdvisorDoc {
  return {
    _id: new ObjectId(number.toString(16).padStart(24, '0')),
    owner: 'acme',
    externalId: `adv-${number}`,
    name: `Advisor ${number}`,
    tier,
    language: 'en',
    timezone: null,
    phone: '+919812345678',
    sms: null,
    email: null,
    active: true,
    optedOut: false,
    createdAt: new Date(0),
    ...rest,
  };
}

function wave(sizes: TierSizes, widthMs: number, occurrence = '2026-11-23'): WavePlan {
  const from = Date.parse('2026-11-23T00:29:30Z');
  return {
    run: new ObjectId('0000000000000000000000aa'),
    occurrence,
    date: '2026-11-23',
    timezone: 'Asia/Kolkata',
    from,
    to: from + widthMs,
    expiresAt: from + 86_400_000,
    sizes,
  };
}

/** The deliveries of a whole wave, tier by tier, in pages. */
function planAll(plan: WavePlan, pageSize: number): Record<Tier, NewDelivery[]> {
  const planned: Record<Tier, NewDelivery[]> = { PRO: [], STANDARD: [], FREE: [] };
  let number = 1;
  for (const tier of TIERS) {
    const advisors = Array.from({ length: plan.sizes[tier] }, () => advisor(number++, tier));
    let firstIndex = 0;
    for (let start = 0; start < advisors.length; start += pageSize) {
      const page = planPage(
        plan,
        { tier, advisors: advisors.slice(start, start + pageSize), firstIndex },
        ALL,
      );
      planned[tier].push(...page.deliveries);
      firstIndex = page.nextIndex;
    }
  }
  return planned;
}

const dueAts = (deliveries: readonly NewDelivery[]): number[] =>
  deliveries.map(({ dueAt }) => dueAt?.getTime() ?? NaN);

/** The most instants in any sliding second. */
function busiestSecond(instants: readonly number[]): number {
  const sorted = [...instants].sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [last, at] of sorted.entries()) {
    while ((sorted[first] ?? at) <= at - 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

const sizes = fc.record({ PRO: fc.nat(700), STANDARD: fc.nat(1_500), FREE: fc.nat(700) });
const occurrences = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('the plan of a wave', () => {
  it('DC-1 every instant lies in the window, and the tiers follow one another, PRO first', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 10_000, max: 600_000 }), occurrences, (of, width, occurrence) => {
        const plan = wave(of, width, occurrence);
        const planned = planAll(plan, 1_000);
        let floor = plan.from;
        for (const tier of TIERS) {
          const instants = dueAts(planned[tier]);
          expect(instants).toHaveLength(of[tier]);
          expect(Math.min(...instants, Infinity)).toBeGreaterThanOrEqual(floor);
          floor = Math.max(floor, Math.max(...instants) + 1);
        }
        expect(floor).toBeLessThanOrEqual(plan.to);
      }),
      { numRuns: 40 },
    );
  });

  it('DC-1 DC-8 no second holds more than its share of the wave, so a wave that fits under the rate stays under it', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 10_000, max: 600_000 }), occurrences, (of, width, occurrence) => {
        const plan = wave(of, width, occurrence);
        const planned = planAll(plan, 1_000);
        const instants = TIERS.flatMap((tier) => dueAts(planned[tier]));
        const share = (instants.length / width) * 1_000;
        // A slot that begins before the second and one that ends after it; and the tiers' parts are whole milliseconds.
        expect(busiestSecond(instants)).toBeLessThanOrEqual(Math.ceil(share) + 2);
      }),
      { numRuns: 40 },
    );
  });

  it('DC-8 2,000 in the default window ask for far less than 80 a second, 20,000 for less', () => {
    for (const scale of [1, 10]) {
      const planned = planAll(
        wave({ PRO: 300 * scale, STANDARD: 900 * scale, FREE: 800 * scale }, 300_000),
        1_000,
      );
      expect(busiestSecond(TIERS.flatMap((tier) => dueAts(planned[tier])))).toBeLessThanOrEqual(10 * scale);
    }
  });

  it('DC-2 planning twice gives the same deliveries, whatever the pages, and each advisor one', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 900 }), occurrences, (of, pageSize, occurrence) => {
        const plan = wave(of, 300_000, occurrence);
        const planned = planAll(plan, 1_000);
        expect(planAll(plan, pageSize)).toEqual(planned);
        const subjects = TIERS.flatMap((tier) => planned[tier].map(({ subject }) => subject));
        expect(new Set(subjects).size).toBe(subjects.length);
      }),
      { numRuns: 20 },
    );
  });

  it('DC-1 an advisor changes places from day to day', () => {
    const of = { PRO: 0, STANDARD: 500, FREE: 0 };
    const places = ['2026-11-23', '2026-11-24', '2026-11-25'].map((day) =>
      placeInWave(wave(of, 300_000, day), 'STANDARD', 7, 'advisor'),
    );
    expect(new Set(places).size).toBe(3);
  });

  it('DC-1 a wave too long for one block is planned from its beginning to its end', () => {
    const plan = wave({ PRO: 0, STANDARD: 5_000, FREE: 0 }, 300_000);
    const instants = dueAts(planAll(plan, 1_000).STANDARD);
    const blocks = [0, 1, 2, 3, 4].map((block) => instants.slice(block * 1_000, (block + 1) * 1_000));
    for (const [i, block] of blocks.entries()) {
      const next = blocks[i + 1];
      if (next) expect(Math.max(...block)).toBeLessThanOrEqual(Math.min(...next));
    }
  });

  it('DC-2 one who came after the wave was laid out falls into the part of its tier', () => {
    const plan = wave({ PRO: 10, STANDARD: 20, FREE: 0 }, 300_000);
    const [from, to] = partOf(plan, 'STANDARD');
    for (let index = 20; index < 200; index++) {
      const at = placeInWave(plan, 'STANDARD', index, `late-${index}`);
      expect(at).toBeGreaterThanOrEqual(from);
      expect(at).toBeLessThan(to);
    }
    // A tier that was empty then has no part: its late comers go at the boundary.
    expect(placeInWave(plan, 'FREE', 0, 'late')).toBe(plan.to);
  });

  it('DC-1 a window without width makes everything due at its instant', () => {
    const plan = wave({ PRO: 3, STANDARD: 3, FREE: 3 }, 0);
    expect(new Set(TIERS.flatMap((tier) => dueAts(planAll(plan, 1_000)[tier])))).toEqual(
      new Set([plan.from]),
    );
  });

  it('DC-2 advisors without a delivery are named with the reason, and leave no hole in the slots of the others', () => {
    const plan = wave({ PRO: 3, STANDARD: 0, FREE: 0 }, 300_000);
    const advisors = [
      advisor(1, 'PRO'),
      advisor(2, 'PRO', { active: false }),
      advisor(3, 'PRO', { optedOut: true, active: false }),
      advisor(4, 'PRO'),
      advisor(5, 'PRO'),
    ];
    const contentFor = (of: AdvisorDoc): ContentDoc | null => (of.externalId === 'adv-5' ? null : CONTENT);
    const page = planPage(plan, { tier: 'PRO', advisors, firstIndex: 0 }, { ...ALL, contentFor });
    expect(page.deliveries.map(({ metadata }) => metadata?.['advisor'])).toEqual(['adv-1', 'adv-4']);
    expect(page.skips.map(({ subject, code }) => [subject, code])).toEqual([
      ['adv-2', 'INACTIVE'],
      ['adv-3', 'OPTED_OUT'],
      ['adv-5', 'NO_CONTENT'],
    ]);
    expect(page.nextIndex).toBe(3);
  });

  it('DC-7 alternatives are taken along where the channel carries them, SMS before e-mail', () => {
    const plan = wave({ PRO: 1, STANDARD: 0, FREE: 0 }, 1_000);
    const one = advisor(1, 'PRO', { sms: '+919800000001', email: 'asha@example.com' });
    const routes = (carries: Lookups['carries']): unknown =>
      planPage(plan, { tier: 'PRO', advisors: [one], firstIndex: 0 }, { ...ALL, carries }).deliveries[0]
        ?.fallback;
    const content = { kind: 'TEXT', text: 'Hello Advisor 1, it is 2026-11-23' };
    expect(routes(() => true)).toEqual([
      { channel: 'SMS', to: '+919800000001', content },
      { channel: 'EMAIL', to: 'asha@example.com', content },
    ]);
    expect(routes((channel) => channel === 'EMAIL')).toEqual([
      { channel: 'EMAIL', to: 'asha@example.com', content },
    ]);
    expect(routes(() => false)).toEqual([]);
  });
});

const TIMES: WaveTimes = {
  timezone: 'Asia/Kolkata',
  sendAt: '06:00',
  jitterBeforeMs: 30_000,
  jitterAfterMs: 270_000,
};

describe('the window of a wave', () => {
  it('DC-1 by default it is 05:59:30 to 06:04:30 Asia/Kolkata, and what is left expires with the day', () => {
    const window = waveWindow({ date: '2026-11-23' }, TIMES, Date.parse('2026-11-22T12:00:00Z'));
    expect(window).toEqual({
      occurrence: '2026-11-23',
      date: '2026-11-23',
      timezone: 'Asia/Kolkata',
      from: Date.parse('2026-11-23T05:59:30+05:30'),
      to: Date.parse('2026-11-23T06:04:30+05:30'),
      expiresAt: Date.parse('2026-11-24T00:00:00+05:30'),
    });
  });

  it('DC-2 without a date it is the next one that has not closed', () => {
    const dateAt = (now: string): string => waveWindow({}, TIMES, Date.parse(now)).date;
    expect(dateAt('2026-11-23T00:00:00+05:30')).toBe('2026-11-23');
    expect(dateAt('2026-11-23T06:04:29+05:30')).toBe('2026-11-23');
    expect(dateAt('2026-11-23T06:04:30+05:30')).toBe('2026-11-24');
  });

  it('DC-2 a wave of its own has an occurrence of its own, in whole seconds, and does not begin before now', () => {
    const now = Date.parse('2026-11-23T10:15:00+05:30');
    const window = waveWindow({ at: now + 4_500, beforeMs: 60_000, afterMs: 30_000 }, TIMES, now);
    expect(window).toMatchObject({
      occurrence: '2026-11-23T101505',
      date: '2026-11-23',
      from: now,
      to: now + 35_000,
    });
  });

  it('DC-1 a wave close to midnight still has an hour to be sent', () => {
    const now = Date.parse('2026-11-23T23:59:00+05:30');
    const window = waveWindow({ at: now, beforeMs: 0, afterMs: 120_000 }, TIMES, now);
    expect(window.expiresAt).toBe(window.to + 3_600_000);
  });

  it.each([
    [{ date: '2026-11-22' }, 'INVALID_SCHEDULED_TIME', 'date'],
    [{ date: '2026-02-30' }, 'VALIDATION_ERROR', 'date'],
    [{ date: '23.11.2026' }, 'VALIDATION_ERROR', 'date'],
    [{ at: Date.parse('2026-11-23T09:59:59+05:30') }, 'INVALID_SCHEDULED_TIME', 'at'],
    [{ at: Date.parse('2026-11-24T10:00:00+05:30'), date: '2026-11-23' }, 'VALIDATION_ERROR', 'date'],
    [{ beforeMs: -1 }, 'VALIDATION_ERROR', 'window.before'],
    [{ afterMs: 13 * 3_600_000 }, 'VALIDATION_ERROR', 'window.after'],
  ])('API-2 %j is refused with a code and a path', (request, code, path) => {
    const now = Date.parse('2026-11-23T10:00:00+05:30');
    expect(() => waveWindow(request, TIMES, now)).toThrow(expect.objectContaining({ code, path }));
  });

  it('CORE-10 CORE-12 in zones that change their clocks, the wave is at the wall time of its date', () => {
    const zones = fc.constantFrom(
      'Europe/Paris',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Asia/Kolkata',
    );
    fc.assert(
      fc.property(zones, occurrences, fc.integer({ min: 4, max: 22 }), (timezone, date, hour) => {
        const times = { ...TIMES, timezone, sendAt: `${String(hour).padStart(2, '0')}:00` };
        const { from, to, expiresAt } = waveWindow({ date }, times, Date.parse('2019-01-01'));
        const at = DateTime.fromMillis(from + 30_000, { zone: timezone });
        expect(at.toFormat('yyyy-MM-dd HH:mm:ss')).toBe(`${date} ${times.sendAt}:00`);
        expect(to - from).toBe(300_000);
        expect(expiresAt).toBeGreaterThan(to);
      }),
    );
  });
});

describe('the job that plans by itself', () => {
  it('DC-2 CORE-12 the next run is the next such time on the wall clock, strictly after, at clock changes too', () => {
    const zones = fc.constantFrom(
      'Europe/Paris',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Africa/Cairo',
    );
    const timesOfDay = fc.constantFrom('00:00', '00:30', '01:30', '02:00', '02:30', '05:30', '23:59');
    const instants = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2030-01-01') });
    fc.assert(
      fc.property(zones, timesOfDay, instants, (zone, timeOfDay, start) => {
        let at = start;
        for (let run = 0; run < 5; run++) {
          const next = nextTimeOfDay(at, timeOfDay, zone);
          expect(next).toBeGreaterThan(at);
          expect(next - at).toBeLessThanOrEqual(25 * 3_600_000);
          if (run > 0) expect(next - at).toBeGreaterThanOrEqual(22.5 * 3_600_000);
          at = next;
        }
      }),
    );
  });

  it('CORE-12 in the night in which 02:30 does not exist it runs once, an hour later by the clock', () => {
    const before = Date.parse('2026-03-29T00:00:00+01:00');
    const inTheGap = nextTimeOfDay(before, '02:30', 'Europe/Paris');
    expect(new Date(inTheGap).toISOString()).toBe('2026-03-29T01:30:00.000Z');
    expect(new Date(nextTimeOfDay(inTheGap, '02:30', 'Europe/Paris')).toISOString()).toBe(
      '2026-03-30T00:30:00.000Z',
    );
  });

  it('CORE-12 a date that a zone skipped altogether does not stop it', () => {
    // Samoa went from 29 to 31 December 2011.
    const on29 = nextTimeOfDay(Date.parse('2011-12-29T12:00:00Z'), '05:30', 'Pacific/Apia');
    const next = nextTimeOfDay(on29, '05:30', 'Pacific/Apia');
    expect(next).toBeGreaterThan(on29);
    expect(DateTime.fromMillis(next, { zone: 'Pacific/Apia' }).toFormat('yyyy-MM-dd HH:mm')).toBe(
      '2011-12-31 05:30',
    );
  });
});

describe('variables in a content', () => {
  it('DC-1 are put in once: what a value holds is not looked at again', () => {
    const odd = advisor(1, 'PRO', { name: '{{externalId}} $& $1' });
    expect(templateFor(CONTENT, odd, '2026-11-23')).toEqual({
      kind: 'TEMPLATE',
      name: 'daily_tip',
      language: 'en',
      components: [{ type: 'body', parameters: [{ type: 'text', text: 'Hello {{externalId}} $& $1' }] }],
    });
  });

  it('DC-1 unknown ones are found wherever they stand, those of every object too', () => {
    const components = [{ type: 'body', deep: [{ list: ['{{name}} {{ nmae }}', 1, null, true] }] }];
    expect(unknownVariables({ components, text: '{{constructor}} {{1}} {{}}' })).toEqual([
      'nmae',
      'constructor',
      '1',
      '',
    ]);
  });
});
