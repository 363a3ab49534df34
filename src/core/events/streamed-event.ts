import type { EventDoc } from './event.entity.js';

/** An event with its place in the order. */
export interface StreamedEvent {
  /** Opaque: the change stream's resume token. A subscription resumes after it. */
  readonly cursor: string;
  readonly event: EventDoc;
}
