/**
 * Every event, with one sentence for each. Logs, metrics, subscriptions and the SLA feed on these and on
 * nothing else. docs/lifecycle.md says which move emits which.
 */
export const EVENTS = {
  'delivery.scheduled': 'Accepted or moved to a future instant; an alarm stands for it.',
  'delivery.queued': 'Due, and waiting for a worker; workers wake up by this.',
  'delivery.sending': 'Claimed by a worker: an attempt has begun.',
  'delivery.retrying': 'The attempt failed in a way that may pass; another one is set.',
  'delivery.sent': 'The provider has accepted it.',
  'delivery.delivered': 'The provider reports that it reached the device.',
  'delivery.read': 'The provider reports that it was read.',
  'delivery.responded': 'The recipient answered.',
  'delivery.failed': 'Refused for good.',
  'delivery.dead_lettered':
    'The tries are used up, or the outcome is unknown and the channel holds such ones.',
  'delivery.cancelled': 'Cancelled before an attempt.',
  'delivery.missed': 'It expired before it could be sent.',
  'run.started': 'A program began a run; data holds what is planned.',
  'run.updated': 'The figures of a run changed without a delivery changing.',
  'run.ended': 'A run has ended; data holds its status.',
  'queue.changed': 'A queue was paused, resumed or given new limits.',
  'channel.changed': 'A breaker opened, half-opened or closed, or a channel was stopped or taken up again.',
  'limiter.changed': 'Redis was lost or found again: tokens come from memory, or from Redis.',
  'sla.violation_opened':
    'The rate of a policy fell below its target; data holds the violation as it was then.',
  'sla.violation_updated': 'An open violation has new figures, or became worse.',
  'sla.violation_closed': 'The rate is at the target again, or nothing was judged any more.',
  'alert.opened': 'Something needs a person; data holds the alert as it was then.',
  'alert.updated': 'The condition of an open alert became worse.',
  'alert.acknowledged': 'Somebody has taken an alert on.',
  'alert.resolved': 'The condition is gone, or a person said that it is settled.',
  'worker.started': 'A worker process joined.',
  'worker.stopped': 'A worker process left in order.',
  'worker.lost': 'A worker process was given up; its deliveries were taken back.',
} as const satisfies Record<string, string>;

/** The name of an event. */
export type EventType = keyof typeof EVENTS;
