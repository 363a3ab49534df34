import type { Severity } from '../severity.js';

/** Why Punctual is not healthy, by code, and what the code means. Codes are public: one may be added, none is renamed. */
export const HEALTH_CODES = {
  MONGODB_AWAY: 'MongoDB does not answer; nothing can be accepted or sent.',
  NO_WORKER: 'No worker is alive; nothing is sent.',
  WORKER_SILENT: 'A worker has not been heard of for longer than HEALTH_WORKER_SILENT.',
  REDIS_AWAY: 'Send tokens come from memory although they should come from Redis.',
  BACKLOG: 'More deliveries than HEALTH_PENDING are due and waiting.',
  NOTHING_PROCESSED: 'Nothing was processed for HEALTH_IDLE though something was due all along.',
  FAILURES: 'More deliveries than HEALTH_FAILED_PER_HOUR have failed in the last hour.',
  ERROR_RATE: 'More than the share HEALTH_ERROR_RATE of the attempts of the last hour have failed.',
  RUN_STUCK: 'A run goes on past its window and for longer than HEALTH_RUN_LIMIT.',
  RUN_LONG: 'A run goes on past its window and has used up the share HEALTH_RUN_SHARE of its limit.',
  BREAKER_OPEN: "A channel's breaker is not closed: its provider fails.",
  CHANNEL_STOPPED: 'A channel is stopped until somebody resumes it: its provider refuses the credentials.',
  DAY_LIMIT: "A channel's day limit is used up; what is over it waits for midnight.",
  MEMORY: 'A process uses more than the share HEALTH_MEMORY of the memory that it may have.',
} as const satisfies Record<string, string>;

/** One of the codes. */
export type HealthCode = keyof typeof HEALTH_CODES;

/** One reason not to be healthy. */
export interface HealthReason {
  readonly code: HealthCode;
  /** What it is about where one code may be about several: a channel. With the code it names the condition. */
  readonly subject: string | null;
  readonly severity: Severity;
  /** One sentence with figures. */
  readonly message: string;
  /** The figures of the sentence, by name; ms and bytes. */
  readonly figures: Readonly<Record<string, number | string>>;
}
