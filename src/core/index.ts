/** What the edge and the programs may use of the core. */
export { Access } from './access/access.js';
export { ApiKey, type ApiKeyDoc } from './access/api-key.entity.js';
export type { AuditFilter } from './access/audit.js';
export { AuditEntry, type AuditEntryDoc } from './access/audit.entity.js';
export {
  type Caller,
  isOwnerName,
  mayAct,
  ownedBy,
  reaches,
  type Role,
  ROLES,
  type Scope,
  SCOPES,
} from './access/caller.js';
export { MASK, maskAddress, maskAddressesIn, maskValues } from './access/mask.js';
export type { VerifyToken } from './access/token.js';
export { Alert, ALERT_STATES, type AlertDoc, type AlertState } from './alerts/alert.entity.js';
export type { NoticeTarget } from './alerts/notices.js';
export type { Bulk, BulkOptions, BulkResult } from './bulk/bulk.js';
export {
  type Channel,
  CHANNELS,
  type ChannelLimits,
  type ChannelName,
  type Content,
  type ErrorClass,
  type OutgoingMessage,
  type SendResult,
} from './channel/channel.js';
export type { InboundWebhook } from './channel/inbound-webhook.js';
export { Clock } from './clock.js';
export { type Core, createCore } from './core.js';
export type { Database } from './database.js';
export { Attempt, type AttemptDoc, type AttemptOutcome } from './delivery/attempt.entity.js';
export {
  Delivery,
  type DeliveryDoc,
  type HistoryEntry,
  type Receipts,
  type Route,
} from './delivery/delivery.entity.js';
export type { FailedCursor, FailedPage, FailureReason } from './delivery/failed-reader.js';
export type { DeliveryFilter, Page } from './delivery/filter.js';
export type { ItemResult, NewDelivery } from './delivery/new-delivery.js';
export { PRIORITIES, type Priority, type Tier, TIERS } from './delivery/rank.js';
export { RETRY_POLICIES, type RetryPolicy } from './delivery/retry-policy.js';
export { covers, SlaPolicies, type SlaPolicy } from './delivery/sla-policy.js';
export type { SlaReport } from './sla/monitor.js';
export { SLA_STATUSES, type SlaStatus, type Standing } from './sla/standing.js';
export { type Offender, SlaViolation, type SlaViolationDoc } from './sla/violation.entity.js';
export type { WaveForecast } from './sla/waves.js';
export { SEVERITIES, type Severity } from './severity.js';
export { DELAY_CAUSES, type DelayCause, type Delays } from './delivery/delay.js';
export { type DeliveryState, STATES } from './delivery/states.js';
export { type Breaker, BREAKERS, ChannelState } from './dispatch/channel-state.entity.js';
export type { ChannelStates, ChannelStateView } from './dispatch/channel-states.js';
export type { QueueDefinition, Queues, QueueView } from './dispatch/queues.js';
export { ERROR_CODES, type ErrorCode, isDuplicateKey, PunctualError } from './errors.js';
export { Event, type EventDoc } from './events/event.entity.js';
export { EVENTS, type EventType } from './events/event-map.js';
export type { EventStream, SubscribeOptions } from './events/event-stream.js';
export type { StreamedEvent } from './events/streamed-event.js';
export { explain, type Explanation, type ExplanationStep } from './outcome/explain.js';
export type { ReceiptBook } from './outcome/receipt-book.js';
export type { Person } from './schedule/task.js';
export type { Report, ReportKind } from './outcome/receipt-state.js';
export { Alarms, type SetAlarm } from './schedule/alarms.js';
export type { Deliveries } from './schedule/deliveries.js';
export { Health, type HealthReport } from './health/health.js';
export type { HealthFigures } from './health/figures.js';
export type { HealthLimits } from './health/limits.js';
export { HEALTH_CODES, type HealthCode, type HealthReason } from './health/reason.js';
export type { WorkerView, Workers } from './dispatch/workers.js';
export type { JobBook, JobView } from './schedule/job-book.js';
export { JobState } from './schedule/job-state.entity.js';
export type { Job } from './schedule/jobs.js';
export {
  CORE_PROGRAM,
  Run,
  RUN_STATUSES,
  type RunDoc,
  type RunRemark,
  type RunStatus,
} from './schedule/run.entity.js';
export type { NewRun, RunFigures, Runs } from './schedule/runs.js';
export { countBelow, countOf, type Histogram } from './stats/histogram.js';
export type { LaneFigures, LaneStatistics } from './stats/lane-statistics.js';
export type { StateCounts } from './stats/counts.js';
export { type HistoryPoint, type Series, SERIES, type Window } from './stats/history.js';
export type { RunProgress, Statistics, StatsFilter, StatsView } from './stats/statistics.js';
export type { Percentiles } from './stats/totals.js';
export { addDays, instantOn, nextTimeOfDay } from './time/calendar.js';
export { parseDuration } from './time/duration.js';
export { type BusinessHoursText, readBusinessHours, type Weekday, WEEKDAYS } from './time/business-hours.js';
export { nextOpening, OUTSIDE_REASONS, type OutsideReason } from './time/next-opening.js';
export { type PlannedTime, preview, type Preview, TIME_FLAGS, type TimeFlag } from './time/preview.js';
export { readRecurrence } from './time/recurrence.js';
export { FREQUENCIES, type Frequency } from './time/simple-rule.js';
export { wallMsOf, wallTimeAt } from './time/wall-clock.js';
export { ZONE_DATA_VERSION } from './time/zone-data.js';
export {
  checkZone,
  type GapPolicy,
  localDate,
  type OverlapPolicy,
  parseTimeOfDay,
  type ResolvedTime,
  resolveWallTime,
  type WallTime,
} from './time/local-time.js';
export { Vitals, type VitalSigns } from './vitals.js';
export { WorkerProcess, type WorkerOptions } from './worker.js';
export { type Kept, type Retention, RetentionRules } from './upkeep/retention.js';
export type { Upkeep } from './upkeep/upkeep.js';
export { Tally } from './stats/tally.entity.js';
export { Queue } from './dispatch/queue.entity.js';
export { Worker } from './dispatch/worker.entity.js';
export type { RateLimiter, Grant } from './dispatch/rate-limiter.js';
export { CORE_ENTITIES } from './entities.js';
export { MemoryRateLimiter } from './dispatch/memory-rate-limiter.js';
export type { Crew } from './dispatch/rate-limiter.js';
export { mongoIndex } from './mongo-index.js';
