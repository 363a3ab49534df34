import type { DeliveryDoc } from '../delivery/delivery.entity.js';

/**
 * What this worker has in its hands: claimed, and the outcome not written yet. A claim whose commit was never answered
 * (MongoDB went away in the middle) may stand in the database without being in here: nobody would ever send it.
 */
export class Hands {
  readonly #fences = new Map<string, number>();

  take(deliveries: readonly Pick<DeliveryDoc, '_id' | 'fence'>[]): void {
    for (const delivery of deliveries) this.#fences.set(delivery._id.toHexString(), delivery.fence);
  }

  has(delivery: Pick<DeliveryDoc, '_id' | 'fence'>): boolean {
    return this.#fences.get(delivery._id.toHexString()) === delivery.fence;
  }

  drop(delivery: Pick<DeliveryDoc, '_id' | 'fence'>): void {
    if (this.has(delivery)) this.#fences.delete(delivery._id.toHexString());
  }
}
