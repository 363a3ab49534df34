import {
  type Caller,
  type Core,
  type DeliveryDoc,
  type NewDelivery,
  type QueueDefinition,
  SlaPolicies,
} from '../../src/core/index.js';

/** Whose deliveries they are. */
export const OWNER = 'bench';

/** Who pauses and resumes. */
export const OPERATOR: Caller = {
  owner: OWNER,
  role: 'ADMIN',
  scopes: null,
  credential: 'key:bench',
  expiresAt: null,
};

/** The one queue, with the limit that production has when none is set. */
export const QUEUE: QueueDefinition = { name: 'bench', maxInFlight: 100 };

/** The only channel, whatever is behind it. */
export const CHANNEL = 'WHATSAPP';

/** What is promised: production's default. */
export const POLICIES = new SlaPolicies({
  name: 'default',
  target: 0.99,
  targetLatenessMs: 300_000,
  windowMs: 300_000,
  warningBelow: 0.97,
  criticalBelow: 0.95,
});

/** Deliveries in one call of `accept`. */
const CHUNK = 5_000;

/** The first and the last of the area codes that are used: all of them exist. */
const AREAS = [
  202, 205, 206, 207, 208, 209, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
] as const;

/** A text to a number that is set aside for fiction; after 2,000 they come again. @param dueAt null: at once */
export function deliveryNumber(i: number, dueAt: Date | null): NewDelivery {
  const area = AREAS[Math.floor(i / 100) % AREAS.length] ?? 202;
  return {
    queue: QUEUE.name,
    channel: CHANNEL,
    to: `+1${area}55501${String(i % 100).padStart(2, '0')}`,
    content: { kind: 'TEXT', text: `Good morning, number ${i}: the market opens at nine.` },
    dueAt,
  };
}

/** Accepts them all. @returns them as they were accepted; @throws when one is refused */
export async function acceptAll(core: Core, items: readonly NewDelivery[]): Promise<DeliveryDoc[]> {
  const accepted: DeliveryDoc[] = [];
  for (let from = 0; from < items.length; from += CHUNK) {
    for (const result of await core.deliveries.accept(OWNER, items.slice(from, from + CHUNK))) {
      if (!result.ok) throw result.error;
      accepted.push(result.delivery);
    }
  }
  return accepted;
}
