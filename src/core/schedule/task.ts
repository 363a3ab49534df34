import type { DeliveryFilter } from '../delivery/filter.js';

/** The owner whose deliveries are meant; null: every owner's. What the caller was allowed when it asked. */
export type TaskScope = string | null;

/**
 * What a run of the core does, in words that any worker can go on with after the process that began it is gone. It is stored
 * in the run. Each step is a conditional write, so that a step that is done twice changes nothing the second time.
 */
export type Task =
  /** Sets failed and dead-lettered deliveries on their way again; `limit`: so many at most, the newest first. */
  | {
      readonly kind: 'REVIVE';
      readonly scope: TaskScope;
      readonly filter: DeliveryFilter;
      readonly limit: number;
    }
  /** Cancels what waits. `reason` goes into the deliveries' histories. */
  | {
      readonly kind: 'CANCEL';
      readonly scope: TaskScope;
      readonly filter: DeliveryFilter;
      readonly reason: string | null;
    }

  /** Erases a person, who is null once the run has ended. */
  | { readonly kind: 'ERASE'; readonly scope: TaskScope; readonly person: Person | null }
  /** Deletes what had ended, and had had no change for so many hours, when the run began: of one program, or (null) of all. */
  | { readonly kind: 'CLEAN_UP'; readonly olderThanHours: number; readonly program: string | null }
  /** The daily upkeep: deletes what the rules let go, rolls figures up, looks for what nobody will ever work on. */
  | { readonly kind: 'MAINTAIN' };

/** Somebody, as deliveries know them: by any of these. */
export interface Person {
  /** In the forms of the channels. */
  readonly addresses: readonly string[];
  /** Names that callers and programs gave with the deliveries. */
  readonly recipients: readonly string[];
}

/** The name of a kind of task. */
export type TaskKind = Task['kind'];
