import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changeBehaviour, DEFAULT_BEHAVIOUR } from '../../src/adapters/sandbox/behaviour.js';
import { Gate } from '../../src/adapters/sandbox/gate.js';
import { Ledger, type Outcome } from '../../src/adapters/sandbox/ledger.js';
import { Purpose, roll, rollLatency } from '../../src/adapters/sandbox/random.js';
import { SlidingSecond } from '../../src/adapters/sandbox/sliding-second.js';

describe('behaviour of the sandbox', () => {
  it('changes only the fields that are named', () => {
    expect(changeBehaviour(DEFAULT_BEHAVIOUR, { errorRate: 0.25, outage: true })).toEqual({
      ...DEFAULT_BEHAVIOUR,
      errorRate: 0.25,
      outage: true,
    });
  });

  it.each([
    [{ errorRate: 1.01 }, 'errorRate'],
    [{ hangRate: -0.1 }, 'hangRate'],
    [{ resetRate: '0.5' }, 'resetRate'],
    [{ replyRate: null }, 'replyRate'],
    [{ readRate: Number.NaN }, 'readRate'],
    [{ outage: 1 }, 'outage'],
    [{ throttlePerSecond: 1.5 }, 'throttlePerSecond'],
    [{ errorStatus: 200 }, 'errorStatus'],
    [{ latencyMs: -1 }, 'latencyMs'],
    [{ latencyMs: 50, latencyP99Ms: 49 }, 'latencyP99Ms'],
    [{ latencyP99Ms: 19 }, 'latencyP99Ms'],
    [{ unheardOf: 1 }, 'unheardOf'],
    [JSON.parse('{"__proto__":1}') as unknown, '__proto__'],
    [{ constructor: 1 }, 'constructor'],
    [[], ''],
    [null, ''],
    ['outage', ''],
  ])('refuses %j and names %s', (input, path) => {
    expect(() => changeBehaviour(DEFAULT_BEHAVIOUR, input)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', path }),
    );
  });

  it('takes the 99th percentile up with a latency that is given alone', () => {
    const slow = changeBehaviour(DEFAULT_BEHAVIOUR, { latencyMs: 5000 });
    expect([slow.latencyMs, slow.latencyP99Ms]).toEqual([5000, 5000]);
  });
});

describe('randomness of the sandbox', () => {
  const numbers = Array.from({ length: 20_000 }, (_, n) => n);

  it('gives the same number for the same seed, request and purpose, and others for others', () => {
    expect(roll(7, 3, Purpose.ERROR)).toBe(roll(7, 3, Purpose.ERROR));
    const different = new Set([
      roll(7, 3, Purpose.ERROR),
      roll(8, 3, Purpose.ERROR),
      roll(7, 4, Purpose.ERROR),
      roll(7, 3, Purpose.HANG),
    ]);
    expect(different.size).toBe(4);
  });

  it('spreads evenly, and independently between purposes', () => {
    const low = numbers.filter((n) => roll(1, n, Purpose.ERROR) < 0.1);
    const both = low.filter((n) => roll(1, n, Purpose.HANG) < 0.5);
    expect(low.length / numbers.length).toBeCloseTo(0.1, 1.5);
    expect(both.length / low.length).toBeCloseTo(0.5, 1);
  });

  it('has the median and the 99th percentile that the behaviour names', () => {
    const latencies = numbers.map((n) => rollLatency(1, n, 20, 200)).sort((a, b) => a - b);
    expect(latencies[10_000]).toBeGreaterThan(18);
    expect(latencies[10_000]).toBeLessThan(22);
    expect(latencies[19_800]).toBeGreaterThan(170);
    expect(latencies[19_800]).toBeLessThan(230);
    expect(latencies.at(-1)).toBeLessThanOrEqual(400);
    expect(rollLatency(1, 5, 30, 30)).toBe(30);
    expect(rollLatency(1, 5, 0, 0)).toBe(0);
  });

  it('meets each request of a seed with the same fate in each run, and starts anew with each change', () => {
    const gate = new Gate({});
    const run = (): string[] => {
      gate.change({ errorRate: 0.2, hangRate: 0.1, resetAfterAcceptRate: 0.1, seed: 42 });
      return Array.from({ length: 200 }, (_, i) => {
        const n = gate.arrive();
        return gate.decide({ n, at: 1000 * i, to: null, verdict: 'GOOD' }).answer;
      });
    };
    const first = run();
    expect(run()).toEqual(first);
    expect(new Set(first)).toEqual(new Set(['ACCEPTED', 'ERROR', 'HUNG', 'RESET_AFTER_ACCEPT']));
  });
});

describe('limits of the sandbox', () => {
  /** The most events that any half-open second holds: one that holds most begins at an event. */
  const fullest = (times: readonly number[]): number =>
    Math.max(0, ...times.map((start) => times.filter((t) => t >= start && t < start + 1000).length));

  it('CORE-21 no sliding second ever holds more than the limit, and a place is refused only for that', () => {
    const arrivals = fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { maxLength: 80 });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 6 }), (times, limit) => {
        const window = new SlidingSecond();
        const taken: number[] = [];
        for (const at of times) {
          if (window.take(at, limit)) taken.push(at);
          else expect(fullest([...taken, at])).toBeGreaterThan(limit);
        }
        expect(fullest(taken)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('CORE-21 counts exactly: the 81st is refused until the first is a whole second ago', () => {
    const window = new SlidingSecond();
    for (let i = 0; i < 80; i += 1) expect(window.take(10_000 + i, 80)).toBe(true);
    expect(window.take(10_999.999, 80)).toBe(false);
    expect(window.take(11_000, 80)).toBe(true);
    expect(window.take(11_000, 80)).toBe(false);
  });

  it('CORE-21 keeps counting over hours without keeping the hours', () => {
    const window = new SlidingSecond();
    let taken = 0;
    for (let at = 0; at < 3_600_000; at += 10) if (window.take(at, 80)) taken += 1;
    expect(taken).toBe(3600 * 80);
  });

  it('CORE-21 refuses a second message to one recipient within its interval', () => {
    const gate = new Gate({ pairIntervalMs: 6000 });
    const send = (to: string, at: number): object =>
      gate.decide({ n: gate.arrive(), at, to, verdict: 'GOOD' });
    expect(send('+911', 0)).toMatchObject({ answer: 'ACCEPTED' });
    expect(send('+911', 5999)).toMatchObject({ answer: 'THROTTLED', limit: 'RECIPIENT' });
    expect(send('+912', 5999)).toMatchObject({ answer: 'ACCEPTED' });
    expect(send('+911', 6000)).toMatchObject({ answer: 'ACCEPTED' });
  });
});

describe('ledger of the sandbox', () => {
  const outcome = (key: string): Outcome => ({
    to: '+91',
    key,
    answer: 'ACCEPTED',
    status: 200,
    messageId: 'm',
  });
  const seqs = (ledger: Ledger, after = 0, channel?: string): number[] =>
    Buffer.concat([...ledger.read(after, channel)])
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
  const upTo = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i);

  it('keeps the order of arrival when requests are decided in another', () => {
    const ledger = new Ledger();
    const lines = ['a', 'b', 'c'].map((_, i) => ledger.arrive('whatsapp', 1000 + i));
    lines[2]?.decide(outcome('c'));
    lines[1]?.decide(outcome('b'));
    expect(seqs(ledger)).toEqual([]);
    lines[0]?.decide(outcome('a'));
    expect(seqs(ledger)).toEqual([1, 2, 3]);
  });

  it('writes a line as spec/outside.md has it', () => {
    const ledger = new Ledger();
    ledger.arrive('whatsapp', 1763767200000.123).decide(outcome('ключ "1"'));
    expect(Buffer.concat([...ledger.read(0)]).toString()).toBe(
      '{"seq":1,"at":1763767200000.123,"channel":"whatsapp","to":"+91","key":"ключ \\"1\\"","answer":"ACCEPTED","status":200,"messageId":"m"}\n',
    );
  });

  it('reads any stretch and any channel over full and growing blocks', () => {
    const ledger = new Ledger();
    for (let i = 1; i <= 2500; i += 1)
      ledger.arrive(i % 2 ? 'whatsapp' : 'webhook', i).decide(outcome(`ü${i}`));
    for (const after of [0, 1, 1023, 1024, 1025, 2047, 2048, 2400, 2500, 9999]) {
      expect(seqs(ledger, after)).toEqual(after < 2500 ? upTo(after + 1, 2500) : []);
      expect(seqs(ledger, after, 'webhook')).toEqual(upTo(after + 1, 2500).filter((seq) => seq % 2 === 0));
    }
  });

  it('is empty when emptied, also of what had arrived, and never uses a seq again', () => {
    const ledger = new Ledger();
    ledger.arrive('whatsapp', 1).decide(outcome('a'));
    const open = ledger.arrive('whatsapp', 2);
    ledger.clear();
    open.decide(outcome('b'));
    expect(seqs(ledger)).toEqual([]);
    ledger.arrive('whatsapp', 3).decide(outcome('c'));
    expect(seqs(ledger)).toEqual([3]);
  });
});
