import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { type DeliveryState, type Move, MOVES, STATES } from '../../src/core/delivery/states.js';
import { OUTCOME_UNKNOWN } from '../../src/core/outcome/verdict.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { ended } from '../support/ended-attempt.js';
import { ADMIN, createTestEngine, type TestEngine } from '../support/engine.js';

const WORKER = 'worker-1';
const HOUR_MS = 3_600_000;
const LANE = { queue: 'q', channel: 'WHATSAPP' } as const;
const FALLBACK = [{ channel: 'SMS', to: '+12025550109', content: { kind: 'TEXT', text: 'hi' } }] as const;

let engine: TestEngine;

beforeAll(async () => (engine = await createTestEngine()));
afterAll(() => engine.stop());
beforeEach(async () => {
  await engine.clear();
  await engine.alive(WORKER);
});

/** A delivery in this state, due a minute ago, with what each move needs: a holder, a fallback, an unknown outcome. */
async function force(state: DeliveryState, own: Partial<DeliveryDoc> = {}): Promise<DeliveryDoc> {
  const unknown = ['QUEUED', 'RETRYING', 'DEAD_LETTERED'].includes(state);
  const doc = deliveryDoc({
    state,
    dueAt: new Date(engine.clock.now() - 60_000),
    worker: WORKER,
    fence: 1,
    attempts: 1,
    fallback: FALLBACK,
    lastError: unknown ? { code: OUTCOME_UNKNOWN, message: 'silence' } : null,
    receipts: state === 'FAILED' ? { failedAt: new Date() } : null,
    ...own,
  });
  await engine.deliveries.insertOne(doc);
  return doc;
}

const refusal = expect.objectContaining({ code: 'INVALID_OPERATION' });

/** Tries a move on a delivery, whatever its state is. What it answers does not matter here: the database is asked. */
const TRIES: Record<Exclude<Move, 'accept'>, (d: DeliveryDoc) => Promise<unknown>> = {
  ring: () => engine.ringer.ring('q'),
  claim: () => engine.claimer.claim(LANE, WORKER, 10, null),
  release: (d) => engine.writer.write(WORKER, [ended(d, 'release')]),
  send: (d) => engine.writer.write(WORKER, [ended(d, 'send')]),
  retry: (d) => engine.writer.write(WORKER, [ended(d, 'retry')]),
  fail: (d) => engine.writer.write(WORKER, [ended(d, 'fail')]),
  deadLetter: (d) => engine.writer.write(WORKER, [ended(d, 'deadLetter')]),
  reroute: async (d) => {
    await engine.rerouter.reroute(LANE);
    await engine.writer.write(WORKER, [ended(d, 'reroute')]);
  },
  expire: async (d) => {
    const late = new Date(engine.clock.now() - 1);
    await engine.deliveries.updateOne({ _id: d._id }, { $set: { expiresAt: late } });
    await engine.worker().sweep();
  },
  cancel: (d) => engine.core.deliveries.cancel(ADMIN, d._id),
  reschedule: (d) => engine.core.deliveries.reschedule(ADMIN, d._id, new Date(engine.clock.now() + HOUR_MS)),
  revive: (d) => engine.core.bulk.retryFailed(ADMIN, { ids: [d._id] }, { dryRun: false, limit: 10 }),
  receive: (d) =>
    engine.core.receipts.apply([
      { key: d._id.toHexString(), messageId: null, kind: 'RESPONDED', at: new Date(), detail: 'yes' },
    ]),
};

describe('CORE-1 the database refuses every move from a state that it may not start from', () => {
  const cases = Object.keys(TRIES).flatMap((move) =>
    STATES.map((state) => [move as Exclude<Move, 'accept'>, state] as const),
  );

  it.each(cases)('CORE-1 %s from %s', async (move, state) => {
    const doc = await force(state);
    const permitted = (MOVES[move].from as readonly DeliveryState[]).includes(state);
    await TRIES[move](doc).catch((error: unknown) => {
      if (permitted) throw error;
      expect(error).toEqual(refusal);
    });
    const now = await engine.read(doc);
    if (permitted) {
      expect(MOVES[move].to).toContain(now.state);
      expect(now.history.length).toBe(doc.history.length + 1);
      expect(now.history.at(-1)).toMatchObject({ state: now.state });
    } else {
      // An expiry that waits to be rung: what waits for an instant becomes QUEUED first.
      const rung = move === 'expire' && (state === 'SCHEDULED' || state === 'RETRYING');
      expect(now.state).toBe(rung ? 'MISSED' : state);
      if (move !== 'receive' && move !== 'expire') expect(now).toEqual(doc);
    }
    expect(engine.errors).toEqual([]);
  });

  it.each(STATES)(
    'CORE-4 cancel and reschedule of one that is %s name the state when they refuse',
    async (state) => {
      const { _id } = await force(state);
      const later = new Date(engine.clock.now() + HOUR_MS);
      const open = (MOVES.cancel.from as readonly DeliveryState[]).includes(state);
      const told = { code: 'INVALID_OPERATION', message: expect.stringContaining(state), path: 'id' };
      if (open) {
        expect(await engine.core.deliveries.reschedule(ADMIN, _id, later)).toMatchObject({
          state: 'SCHEDULED',
        });
        expect(await engine.core.deliveries.cancel(ADMIN, _id)).toMatchObject({ state: 'CANCELLED' });
      } else {
        await expect(engine.core.deliveries.reschedule(ADMIN, _id, later)).rejects.toMatchObject(told);
        await expect(engine.core.deliveries.cancel(ADMIN, _id)).rejects.toMatchObject(told);
      }
    },
  );
});
