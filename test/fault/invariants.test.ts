import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import type { AttemptDoc, DeliveryDoc, DeliveryState } from '../../src/core/index.js';
import { type Evidence, type LedgerLine, violationsOf } from '../support/invariants.js';

/** When everything in these tests is due, ms since 1970. */
const DUE = Date.parse('2026-11-23T06:00:00Z');
const id = new ObjectId('65f000000000000000000001');
const key = id.toHexString();

type Changes = { [K in keyof DeliveryDoc]?: DeliveryDoc[K] };

/** What the checker reads of a delivery; it is given no more. */
function delivery(changes: Changes = {}): DeliveryDoc {
  return {
    _id: id,
    state: 'SENT',
    dueAt: new Date(DUE),
    readyAt: new Date(DUE),
    attempts: 1,
    maxAttempts: 4,
    fence: 1,
    history: [],
    ...changes,
  } as DeliveryDoc;
}

function attempt(changes: Partial<AttemptDoc> = {}): AttemptDoc {
  return {
    delivery: id,
    number: 1,
    fence: 1,
    worker: 'w1',
    outcome: 'ACCEPTED',
    startedAt: new Date(DUE + 1),
    endedAt: new Date(DUE + 20),
    messageId: 'm1',
    ...changes,
  } as AttemptDoc;
}

function line(changes: Partial<LedgerLine> = {}): LedgerLine {
  const accepted = { answer: 'ACCEPTED', status: 200, messageId: 'm1' } as const;
  return { seq: 1, at: DUE + 5, channel: 'whatsapp', to: '+1', key, ...accepted, ...changes };
}

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    ledger: [line()],
    deliveries: [delivery()],
    attempts: [attempt()],
    lostAt: new Map(),
    now: DUE + 60_000,
    ...changes,
  };
}

const unknown = attempt({ outcome: 'UNKNOWN', messageId: null });
const cancelled = (state: DeliveryState, at: number): DeliveryDoc =>
  delivery({ state, history: [{ state, at: new Date(at) }] });

/** A checker that finds nothing would pass every fault: each kind of violation is shown to it once. */
describe('the checker of the invariants', () => {
  it('has nothing to say of a run in order', () => {
    expect(violationsOf(evidence(), { acknowledged: [key], perSecond: 1, latenessMs: 5 })).toEqual([]);
  });

  it('takes a second acceptance after an unknown outcome, and one that only a report told of', () => {
    const twice = evidence({
      ledger: [line(), line({ seq: 2, messageId: 'm2' })],
      deliveries: [delivery({ attempts: 2, fence: 2 })],
      attempts: [unknown, attempt({ number: 2, fence: 2, messageId: 'm2' })],
    });
    const reported = evidence({ attempts: [attempt({ messageId: null, startedAt: null })] });
    for (const run of [twice, reported]) expect(violationsOf(run, { acknowledged: [key] })).toEqual([]);
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['INV-1 lost', { deliveries: [], ledger: [], attempts: [] }, 'INV-1'],
    ['INV-1 still in a worker', { deliveries: [delivery({ state: 'SENDING' })] }, 'INV-1'],
    ['INV-1 waiting for what is past', { deliveries: [delivery({ state: 'RETRYING' })] }, 'INV-1'],
    ['INV-2 accepted twice', { ledger: [line(), line({ seq: 2, messageId: 'm2' })] }, 'INV-2'],
    ['INV-3 early', { ledger: [line({ at: DUE - 0.5 })] }, 'INV-3'],
    [
      'INV-4 a fence that does not rise',
      { attempts: [attempt({ outcome: 'REFUSED', messageId: null }), attempt({ number: 2 })] },
      'INV-4',
    ],
    ['INV-4 written after the loss', { lostAt: new Map([['w1', DUE + 10]]) }, 'INV-4'],
    ['INV-5 too many tries', { deliveries: [delivery({ attempts: 5 })] }, 'INV-5'],
    ['INV-6 sent after it was cancelled', { deliveries: [cancelled('CANCELLED', DUE)] }, 'INV-6'],
    ['INV-6 sent after it had expired', { deliveries: [cancelled('MISSED', DUE)] }, 'INV-6'],
    ['INV-7 late', { ledger: [line({ at: DUE + 6 })] }, 'INV-7'],
    ['a request without an attempt', { attempts: [] }, '1 requests, the database 0 attempts'],
    ['a request of nobody', { ledger: [line(), line({ key: 'k' })] }, 'which nobody scheduled'],
    ['a gap in the attempts', { attempts: [attempt({ number: 2 })] }, 'those kept are [2]'],
    ['an acceptance that we do not know of', { ledger: [line({ messageId: 'm9' })] }, 'm9, unknown to us'],
    ['an acceptance that the provider does not know of', { ledger: [] }, 'never accepted it'],
    ['a limit that is passed', { ledger: [line(), line({ seq: 2, at: DUE + 1_000 })] }, 'sliding second'],
  ])('finds %s', (_, changes, found) => {
    const promised = { acknowledged: [key], perSecond: 1, latenessMs: 5 };
    expect(violationsOf(evidence(changes), promised).join('\n')).toContain(found);
  });
});
