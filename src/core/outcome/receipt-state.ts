import type { Receipts } from '../delivery/delivery.entity.js';
import type { DeliveryState } from '../delivery/states.js';

/** What providers report after they have accepted a message (CORE-46). */
export type ReportKind = 'SENT' | 'DELIVERED' | 'READ' | 'RESPONDED' | 'FAILED';

/** One report of a provider about one delivery. */
export interface Report {
  /** Our key as the provider returns it; null where it does not. */
  readonly key: string | null;
  /** The provider's own id for the message; null where only the key is known. */
  readonly messageId: string | null;
  readonly kind: ReportKind;
  readonly at: Date;
  /** The answer's text, or why it failed. */
  readonly detail?: string;
}

const FIELD = {
  SENT: 'sentAt',
  DELIVERED: 'deliveredAt',
  READ: 'readAt',
  RESPONDED: 'respondedAt',
  FAILED: 'failedAt',
} as const;

/** Where the words of a report are kept: an answer's text, or why it failed. */
const WORDS = { RESPONDED: 'response', FAILED: 'failure' } as const;

/**
 * Adds a report to what was known. The earliest of each kind stays, with its words; of two at the same instant the one
 * with words, then the one whose words sort first: so neither order nor repetition matters.
 */
export function addReport(known: Receipts, report: Report): Receipts {
  const { messageId } = report;
  const added = addFact(known, report);
  // A delivery that was sent twice has two: the smaller one stays, whichever is named first.
  if (messageId === null || (known.messageId !== undefined && known.messageId <= messageId)) return added;
  return { ...added, messageId };
}

function addFact(known: Receipts, { kind, at, detail }: Report): Receipts {
  const since = known[FIELD[kind]];
  if (since && since < at) return known;
  if (kind !== 'RESPONDED' && kind !== 'FAILED') {
    return since && since <= at ? known : { ...known, [FIELD[kind]]: at };
  }
  const words = WORDS[kind];
  const { [words]: kept, ...others } = known;
  if (since && since <= at && (detail === undefined || (kept !== undefined && kept <= detail))) return known;
  return { ...others, [FIELD[kind]]: at, ...(detail === undefined ? {} : { [words]: detail }) };
}

/** The state that the reports show; null when they show nothing yet. */
export function stateOf(receipts: Receipts): DeliveryState | null {
  if (receipts.respondedAt) return 'RESPONDED';
  if (receipts.readAt) return 'READ';
  if (receipts.deliveredAt) return 'DELIVERED';
  if (receipts.failedAt) return 'FAILED';
  return receipts.sentAt ? 'SENT' : null;
}

/** When the provider is first known to have had the message; null without evidence that it accepted it. */
export function acceptedAt(receipts: Receipts | null): Date | null {
  if (!receipts) return null;
  const instants = [
    receipts.sentAt,
    receipts.deliveredAt,
    receipts.readAt,
    receipts.respondedAt,
    receipts.failedAt,
  ];
  const known = instants.filter((at): at is Date => at !== undefined);
  return known.length === 0 ? null : new Date(Math.min(...known.map((at) => at.getTime())));
}

const FORWARD: readonly DeliveryState[] = ['SENT', 'DELIVERED', 'READ', 'RESPONDED'];

/** The state after reports, from a state in which the provider is known to have accepted it: forward only. */
export function advance(state: DeliveryState, receipts: Receipts): DeliveryState {
  const shown = stateOf(receipts);
  if (shown === null) return state;
  if (shown === 'FAILED') return state === 'SENT' ? 'FAILED' : state;
  return FORWARD.indexOf(shown) > FORWARD.indexOf(state) ? shown : state;
}
