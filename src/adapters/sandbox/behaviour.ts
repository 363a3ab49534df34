import { PunctualError } from '../../core/errors.js';

/**
 * How a channel of the sandbox behaves. Rates are shares of its requests, from 0 to 1, each rolled on its own;
 * where several strike, the order is: outage, hang, reset, error, throttle, reset after accept.
 */
export interface Behaviour {
  /** Median of the time from arrival to answer, in milliseconds; 0 answers at once. */
  readonly latencyMs: number;
  /** 99th percentile of the same, in milliseconds; never below `latencyMs`. */
  readonly latencyP99Ms: number;
  /** Share that gets `errorStatus`. */
  readonly errorRate: number;
  /** HTTP status of errors and of an outage, 400 to 599. */
  readonly errorStatus: number;
  /** Share that is throttled although the limit below would have let it through. */
  readonly throttleRate: number;
  /** Accepted requests that any sliding second may hold; 0 is no limit. */
  readonly throttlePerSecond: number;
  /** The least time between two accepted messages to one recipient, in milliseconds; 0 is no limit. */
  readonly pairIntervalMs: number;
  /** `Retry-After` of a 429, in seconds. */
  readonly retryAfterSeconds: number;
  /** Share that is never answered. */
  readonly hangRate: number;
  /** Share whose connection is reset before anything is done. */
  readonly resetRate: number;
  /** Share that is accepted, and its connection reset in place of the answer. */
  readonly resetAfterAcceptRate: number;
  /** Everything gets `errorStatus`. */
  readonly outage: boolean;
  /** Whether status webhooks are sent back. */
  readonly statuses: boolean;
  /** From acceptance to the first status, and from each status to the next, in milliseconds. */
  readonly statusDelayMs: number;
  /** Share of statuses that are sent twice, as providers that deliver at least once do. */
  readonly statusDuplicateRate: number;
  /** Whether a message's statuses come in a random order. */
  readonly statusShuffle: boolean;
  /** Share of delivered messages that are read. */
  readonly readRate: number;
  /** Share of delivered messages that are replied to. */
  readonly replyRate: number;
  /** Start of the random sequence. Setting a behaviour starts the sequence anew, whether or not it names the seed. */
  readonly seed: number;
}

export const DEFAULT_BEHAVIOUR: Behaviour = {
  latencyMs: 20,
  latencyP99Ms: 200,
  errorRate: 0,
  errorStatus: 503,
  throttleRate: 0,
  throttlePerSecond: 0,
  pairIntervalMs: 0,
  retryAfterSeconds: 1,
  hangRate: 0,
  resetRate: 0,
  resetAfterAcceptRate: 0,
  outage: false,
  statuses: true,
  statusDelayMs: 500,
  statusDuplicateRate: 0,
  statusShuffle: false,
  readRate: 0,
  replyRate: 0,
  seed: 1,
};

type Rule = { readonly min: number; readonly max: number; readonly integer: boolean } | 'BOOLEAN';

const RATE: Rule = { min: 0, max: 1, integer: false };
/** Ten minutes: longer than any timeout under test, short enough that a slip of the pen is noticed. */
const MILLISECONDS: Rule = { min: 0, max: 600_000, integer: false };

const RULES: { readonly [Field in keyof Behaviour]: Rule } = {
  latencyMs: MILLISECONDS,
  latencyP99Ms: MILLISECONDS,
  errorRate: RATE,
  errorStatus: { min: 400, max: 599, integer: true },
  throttleRate: RATE,
  throttlePerSecond: { min: 0, max: 1_000_000, integer: true },
  pairIntervalMs: MILLISECONDS,
  retryAfterSeconds: { min: 0, max: 86_400, integer: true },
  hangRate: RATE,
  resetRate: RATE,
  resetAfterAcceptRate: RATE,
  outage: 'BOOLEAN',
  statuses: 'BOOLEAN',
  statusDelayMs: MILLISECONDS,
  statusDuplicateRate: RATE,
  statusShuffle: 'BOOLEAN',
  readRate: RATE,
  replyRate: RATE,
  seed: { min: 0, max: 2 ** 32 - 1, integer: true },
};

/**
 * `current` with what `input` changes of it.
 *
 * A `latencyMs` given alone takes a lower 99th percentile up with it; the two given together must fit.
 *
 * @throws PunctualError `VALIDATION_ERROR` with the field as its path; nothing is changed then.
 */
export function changeBehaviour(current: Behaviour, input: unknown): Behaviour {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new PunctualError('VALIDATION_ERROR', 'must be a JSON object of behaviour fields', { path: '' });
  }
  const changes: Partial<Record<keyof Behaviour, number | boolean>> = {};
  for (const [field, value] of Object.entries(input)) {
    if (!isField(field)) {
      const known = Object.keys(RULES).join(', ');
      throw new PunctualError('VALIDATION_ERROR', `is not a behaviour field; known are ${known}`, {
        path: field,
      });
    }
    changes[field] = checked(field, value);
  }
  // Each value has just passed the rule of its own field.
  const next = { ...current, ...changes } as Behaviour;
  if (next.latencyP99Ms >= next.latencyMs) return next;
  if ('latencyP99Ms' in changes) {
    const message = `must not be below latencyMs (${next.latencyMs}), but is ${next.latencyP99Ms}`;
    throw new PunctualError('VALIDATION_ERROR', message, { path: 'latencyP99Ms' });
  }
  return { ...next, latencyP99Ms: next.latencyMs };
}

function isField(name: string): name is keyof Behaviour {
  return Object.hasOwn(RULES, name);
}

function checked(field: keyof Behaviour, value: unknown): number | boolean {
  const rule = RULES[field];
  if (rule === 'BOOLEAN') {
    if (typeof value === 'boolean') return value;
    throw new PunctualError('VALIDATION_ERROR', 'must be true or false', { path: field });
  }
  if (typeof value !== 'number' || !(value >= rule.min && value <= rule.max)) {
    throw new PunctualError('VALIDATION_ERROR', `must be a number from ${rule.min} to ${rule.max}`, {
      path: field,
    });
  }
  if (rule.integer && !Number.isInteger(value)) {
    throw new PunctualError('VALIDATION_ERROR', 'must be a whole number', { path: field });
  }
  return value;
}
