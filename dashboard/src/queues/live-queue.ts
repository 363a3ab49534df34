import { QueueStatsDocument, type QueueStatsSubscription } from '#sdk';
import { type Heard, useLive } from '../live/ask.js';

/** A queue as its subscription tells it. */
export type LiveQueue = QueueStatsSubscription['queueStats']['queues'][number];

/** Denser than this nobody reads figures. */
const INTERVAL = '500ms';

/** Follows the queues. */
export function useQueues(): Heard<readonly LiveQueue[]> {
  return useLive(
    QueueStatsDocument,
    { minInterval: INTERVAL },
    (_before: readonly LiveQueue[] | null, { queueStats }) => queueStats.queues,
  );
}

/** How many were given up in all queues; null while that is not known. */
export function failuresIn(queues: readonly LiveQueue[] | null): number | null {
  return queues?.reduce((sum, { counts }) => sum + counts.failed + counts.deadLettered, 0) ?? null;
}
