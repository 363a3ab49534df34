import 'reflect-metadata';
import { registerEnumType } from 'type-graphql';
import {
  ALERT_STATES,
  type AlertState,
  CHANNELS,
  type ChannelName,
  DELAY_CAUSES,
  type DelayCause,
  type DeliveryState,
  FREQUENCIES,
  type Frequency,
  OUTSIDE_REASONS,
  type OutsideReason,
  type Priority,
  ROLES,
  type Role,
  RUN_STATUSES,
  type RunStatus,
  type Scope,
  SEVERITIES,
  type Severity,
  SLA_STATUSES,
  type SlaStatus,
  STATES,
  type Tier,
  TIERS,
  TIME_FLAGS,
  type TimeFlag,
  type Weekday,
  WEEKDAYS,
} from '../core/index.js';

/*
 * The words of docs/lifecycle.md as GraphQL enums. Each is an object of NAME: NAME, because TypeGraphQL takes
 * enums as objects; the descriptions are typed by name, so that a new state without one does not compile.
 */

function enumOf<K extends string>(
  name: string,
  description: string,
  names: readonly K[],
  descriptions: Record<K, string>,
): Record<K, K> {
  const values = Object.fromEntries(names.map((key) => [key, key])) as Record<K, K>;
  const config = Object.fromEntries(names.map((key) => [key, { description: descriptions[key] }]));
  registerEnumType<Record<string, string>>(values, { name, description, valuesConfig: config });
  return values;
}

export const DelayCauseEnum = enumOf<DelayCause>(
  'DelayCause',
  'What can hold a delivery up between its due instant and the acceptance by the provider.',
  DELAY_CAUSES,
  {
    WAKE: 'Nobody had it in hand: no worker, an alarm that rang late, a claim that took its time.',
    TOKEN: "It waited for a send token: the channel's limit a second.",
    DAY_LIMIT: "The channel's limit for the day was used up.",
    RECIPIENT_LIMIT: 'Its recipient had been written to a moment before.',
    IN_FLIGHT: 'All places for attempts under way were taken.',
    BREAKER: "The channel's breaker was open.",
    STOPPED: 'The channel was stopped, as when credentials are refused.',
    PAUSED: 'The queue was paused.',
    RETRY: 'Earlier attempts failed: their time, and the pauses between them.',
    PROVIDER: 'The provider took its time to answer the attempt that it accepted.',
  },
);

export const SeverityEnum = enumOf<Severity>('Severity', 'How much something matters.', SEVERITIES, {
  NOTICE: 'Worth knowing.',
  WARNING: 'Worth a look today.',
  CRITICAL: 'Worth waking somebody up.',
});

export const AlertStateEnum = enumOf<AlertState>('AlertState', 'Where an alert stands.', ALERT_STATES, {
  OPEN: 'Nobody has looked yet.',
  ACKNOWLEDGED: 'Somebody is at it.',
  RESOLVED: 'It is over.',
});

export const SlaStatusEnum = enumOf<SlaStatus>(
  'SlaStatus',
  'How a service level stands. That nothing can be told any more is for those to say who are not told.',
  SLA_STATUSES,
  {
    ON_TIME: 'The rate is at its target, and nothing stands in the way of what is due soon.',
    AT_RISK:
      'The rate is at its target still, but too many are expected to be late, or something is in the way.',
    LATE: 'The rate is below its target, or something is overdue and nothing else was judged.',
    QUIET: 'Nothing was judged, nothing is overdue, and nothing is due soon.',
  },
);

export const ChannelEnum = enumOf<ChannelName>('Channel', 'A way to reach people.', CHANNELS, {
  WHATSAPP: 'WhatsApp messages. Addresses are phone numbers.',
  LINE: 'LINE messages. Addresses are LINE user ids.',
  SMS: 'Text messages. Addresses are phone numbers.',
  EMAIL: 'E-mail.',
  VOICE: 'Phone calls.',
  WEBHOOK: 'A signed HTTP request to a URL.',
});

export const TierEnum = enumOf<Tier>(
  'Tier',
  'How much a recipient goes before others when work piles up.',
  TIERS,
  {
    PRO: 'First.',
    STANDARD: 'The default.',
    FREE: 'Last; waiting raises it, so that it never starves.',
  },
);

export const PriorityEnum = enumOf<Priority>('Priority', 'Order within a tier.', ['HIGH', 'MEDIUM', 'LOW'], {
  HIGH: 'First (1).',
  MEDIUM: 'The default (5).',
  LOW: 'Last (10).',
});

export const DeliveryStateEnum = enumOf<DeliveryState>('DeliveryState', 'Where a delivery stands.', STATES, {
  SCHEDULED: 'Waits for its instant.',
  QUEUED: 'Due; waits for a worker, a rate token or a channel that works.',
  SENDING: 'An attempt is under way.',
  RETRYING: 'An attempt failed; waits for the next.',
  SENT: 'The provider has accepted it.',
  DELIVERED: 'The provider reports that it reached the device.',
  READ: 'The provider reports that it was read.',
  RESPONDED: 'The recipient answered.',
  FAILED: 'Refused for good. An end; `retryFailed` revives it.',
  DEAD_LETTERED:
    'The tries are used up, or the outcome is unknown and held. An end; `retryFailed` revives it.',
  CANCELLED: 'Cancelled before an attempt began. An end.',
  MISSED: 'Expired unsent. An end.',
});

export const RunStatusEnum = enumOf<RunStatus>('RunStatus', 'Where a run stands.', RUN_STATUSES, {
  RUNNING: 'At work.',
  COMPLETED: 'Done.',
  FAILED: 'Ended by an error.',
  CANCELLED: 'Stopped on request.',
});

export const RoleEnum = enumOf<Role>(
  'Role',
  'What a key may do; each may do what those before it may.',
  ROLES,
  {
    VIEWER: 'Sees what its owner owns.',
    MANAGER: 'Makes and changes what its owner owns.',
    OPERATOR: 'Sees and changes what every owner owns; pauses queues and resumes channels.',
    ADMIN: 'Everything; makes and revokes keys.',
  },
);

/** Named as GraphQL has it; in the core and in tokens a scope is written `deliveries:write`. */
export const ScopeEnum = {
  READ: 'read',
  DELIVERIES_WRITE: 'deliveries:write',
  PROGRAMS_WRITE: 'programs:write',
  OPERATE: 'operate',
  ADMIN: 'admin',
} as const satisfies Record<string, Scope>;
registerEnumType(ScopeEnum, {
  name: 'Scope',
  description:
    'What a key may be held to within its role: it can do what both permit. In tokens: `read`, `deliveries:write` and so on.',
  valuesConfig: {
    READ: { description: 'Every query and subscription, and every list that hangs on something else.' },
    DELIVERIES_WRITE: { description: 'Schedules, moves, cancels, retries and erases deliveries.' },
    PROGRAMS_WRITE: { description: "The programs' own mutations: advisors, contents, waves." },
    OPERATE: { description: 'Queues, channels, alerts, jobs and upkeep.' },
    ADMIN: { description: 'Keys, and the audit.' },
  },
});

export const FrequencyEnum = enumOf<Frequency>('Frequency', 'How often a simple rule fires.', FREQUENCIES, {
  DAILY: 'Every so many days.',
  WEEKLY: 'Every so many weeks, on the weekday on which it begins.',
  MONTHLY:
    'Every so many months, on the day of the month on which it begins; where a month is too short, on its last.',
});

export const WeekdayEnum = enumOf<Weekday>('Weekday', 'A day of the week, in local time.', WEEKDAYS, {
  MONDAY: 'Monday.',
  TUESDAY: 'Tuesday.',
  WEDNESDAY: 'Wednesday.',
  THURSDAY: 'Thursday.',
  FRIDAY: 'Friday.',
  SATURDAY: 'Saturday.',
  SUNDAY: 'Sunday.',
});

export const TimeFlagEnum = enumOf<TimeFlag>(
  'TimeFlag',
  'A rule that had a say in when something is due.',
  TIME_FLAGS,
  {
    GAP: 'The local time that was asked for does not exist that day: the clock skips it.',
    OVERLAP: 'The local time that was asked for exists twice that day.',
    CLAMPED: "The month has no such day: it is the month's last instead.",
    MOVED_BY_BUSINESS_HOURS: 'It was outside the business hours and moved to the next opening.',
  },
);

export const OutsideReasonEnum = enumOf<OutsideReason>(
  'OutsideReason',
  'Why an instant is outside the business hours.',
  OUTSIDE_REASONS,
  {
    HOLIDAY: 'The day is a holiday.',
    CLOSED_DAY: 'No opening begins on this day of the week.',
    BEFORE_OPENING: 'It is before the first opening of the day.',
    BETWEEN_OPENINGS: 'It is between two openings of the day.',
    AFTER_CLOSING: 'The last opening of the day is over.',
  },
);
