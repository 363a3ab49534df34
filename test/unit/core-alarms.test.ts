import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Clock } from '../../src/core/clock.js';
import { Alarms, queueOfAlarm, type SetAlarm } from '../../src/core/schedule/alarms.js';

type Alarm = Parameters<SetAlarm>[0];

/** Alarms over a clock that a test moves by its offset, and what was set. */
function alarmsOver(clock: Clock = new Clock()): { alarms: Alarms; set: Alarm[]; clock: Clock } {
  const set: Alarm[] = [];
  const alarms = new Alarms(clock, (alarm) => {
    set.push(alarm);
    return Promise.resolve();
  });
  return { alarms, set, clock };
}

/** So long that no test runs into an instant that it has set. */
const HOUR_MS = 3_600_000;
const farAhead = fc.integer({ min: HOUR_MS, max: 1_000 * HOUR_MS });
const speed = fc.constantFrom(undefined, 1, 60, 0.5);

function clockOf(factor: number | undefined): Clock {
  const now = Date.now();
  return new Clock(
    factor === undefined ? undefined : { virtualStart: now, realStart: now - 1_000, speed: factor },
  );
}

describe('alarms', () => {
  it('CORE-20 one stands for all that is due in a second of a queue', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(farAhead, { minLength: 1, maxLength: 50 }), async (aheads) => {
        const { alarms, set, clock } = alarmsOver();
        const instants = aheads.map((ahead) => clock.now() + ahead);
        await alarms.setFor('q', instants);
        const seconds = new Set(instants.map((at) => Math.floor(at / 1_000)));
        expect(set).toHaveLength(seconds.size);
        expect(new Set(set.map((alarm) => alarm.name)).size).toBe(set.length);
      }),
    );
  });

  it('ring before the instant, and what they are set for is within the horizon of the ring', async () => {
    await fc.assert(
      fc.asyncProperty(farAhead, speed, async (ahead, factor) => {
        const clock = clockOf(factor);
        const { alarms, set } = alarmsOver(clock);
        const readyAt = clock.toEngine(clock.realNow() + ahead);
        await alarms.setFor('q', [readyAt]);
        const [alarm] = set;
        if (!alarm) throw new Error('no alarm was set');
        expect(alarm.at.getTime()).toBeLessThan(clock.toReal(readyAt));
        // At the instant of the alarm, or any time after it:
        clock.setOffset(clock.offsetMs + (alarm.at.getTime() - clock.realNow()));
        expect(alarms.horizon()).toBeGreaterThan(readyAt);
      }),
    );
  });

  it('whatever is not soon has its alarm still ahead', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2_100, max: 10_000 }), async (ahead) => {
        const { alarms, set, clock } = alarmsOver();
        const now = clock.now();
        expect(alarms.isSoon(now + ahead)).toBe(false);
        await alarms.setFor('q', [now + ahead]);
        expect(set[0]?.at.getTime()).toBeGreaterThan(now);
      }),
    );
  });

  it('isSoon is what a ring at this moment would queue: real time, whatever the engine time', () => {
    fc.assert(
      fc.property(speed, (factor) => {
        const clock = clockOf(factor);
        const { alarms } = alarmsOver(clock);
        const now = clock.now();
        const second = clock.toEngine(clock.realNow() + 1_000) - clock.toEngine(clock.realNow());
        expect(alarms.isSoon(now - 1_000 * second)).toBe(true);
        expect(alarms.isSoon(now + 1.9 * second)).toBe(true);
        expect(alarms.isSoon(now + 10 * second)).toBe(false);
        expect(alarms.horizon()).toBeGreaterThan(now + 1.9 * second);
        expect(alarms.horizon()).toBeLessThan(now + 10 * second);
      }),
    );
  });

  it('one that is set is not set again while it is ahead, in this process', async () => {
    const { alarms, set, clock } = alarmsOver();
    const at = clock.now() + HOUR_MS;
    await alarms.setFor('q', [at, at]);
    await alarms.setFor('q', [at]);
    expect(set).toHaveLength(1);
    await alarms.setFor('other', [at]);
    expect(set.map((alarm) => queueOfAlarm(alarm.name))).toEqual(['q', 'other']);
  });

  it('one whose instant has come is set anew: it has rung, and does not ring again', async () => {
    const { alarms, set, clock } = alarmsOver();
    const at = clock.now() + HOUR_MS;
    await alarms.setFor('q', [at]);
    clock.setOffset(HOUR_MS);
    await alarms.setFor('q', [at]);
    await alarms.setFor('q', [at]);
    expect(set).toHaveLength(3);
    expect(new Set(set.map((alarm) => alarm.name)).size).toBe(1);
  });

  it('one that could not be set is not taken for set', async () => {
    const clock = new Clock();
    const tries: string[] = [];
    const alarms = new Alarms(clock, ({ name }) => {
      tries.push(name);
      return tries.length === 1 ? Promise.reject(new Error('not now')) : Promise.resolve();
    });
    const at = clock.now() + HOUR_MS;
    await expect(alarms.setFor('q', [at])).rejects.toThrow('not now');
    await alarms.setFor('q', [at]);
    expect(tries).toHaveLength(2);
  });

  it('tell their queue, whatever its name', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', '@', '|', '-'), minLength: 1 }),
        async (queue) => {
          const { alarms, set, clock } = alarmsOver();
          await alarms.setFor(queue, [clock.now() + HOUR_MS]);
          expect(set.map((alarm) => queueOfAlarm(alarm.name))).toEqual([queue]);
        },
      ),
    );
  });
});
