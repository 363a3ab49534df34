/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Which alert to take on. */
export type AcknowledgeAlertInput = {
  /** Its global id. */
  id: string | number;
};

/** An advisor. What is omitted stays as it is stored, or gets its default where the advisor is new. */
export type AdvisorInput = {
  /** False: kept, but gets nothing. True by default. */
  active?: boolean | null | undefined;
  /** An e-mail address. Null takes away what is stored. */
  email?: string | null | undefined;
  /** The owner's own id for this person, at most 64 characters: the same id is the same advisor. */
  externalId: string;
  /** As `en` or `en_US`; `en` by default. */
  language?: string | null | undefined;
  /** The name as it is to stand in messages, at most 100 characters. */
  name: string;
  /** True: the person wants nothing. False by default. */
  optedOut?: boolean | null | undefined;
  /** The WhatsApp number with its country code, in any spelling. */
  phone: string;
  /** A number for text messages. Null takes away what is stored. */
  sms?: string | null | undefined;
  /** STANDARD by default. */
  tier?: Tier | null | undefined;
  /** The person's zone. Null takes away what is stored. */
  timezone?: string | null | undefined;
};

/** What has happened to an alert. */
export type AlertChange =
  /** Somebody has taken it on. */
  | 'ACKNOWLEDGED'
  /** Its condition was seen. */
  | 'OPENED'
  /** Its condition is over, or somebody has settled it. */
  | 'RESOLVED'
  /** Its condition became worse. */
  | 'UPDATED';

/** Which alerts: those that meet all that is given. */
export type AlertFilter = {
  /** Of this severity; null: of any. */
  severity?: Severity | null | undefined;
  /** In one of these states; null: in any. */
  states?: Array<AlertState> | null | undefined;
};

/** Where an alert stands. */
export type AlertState =
  /** Somebody is at it. */
  | 'ACKNOWLEDGED'
  /** Nobody has looked yet. */
  | 'OPEN'
  /** It is over. */
  | 'RESOLVED';

/** Which content goes to whom on a date. Repeating it changes nothing. */
export type AssignContentInput = {
  /** ExternalIds of 1 to 1,000 advisors. Null: the date's default, for everyone without an assignment of their own. */
  advisors?: Array<string> | null | undefined;
  /** The content's externalId. */
  content: string;
  /** The calendar date in the program's zone, as `2026-11-23`; today or later. */
  date: string;
};

/** How an attempt ended. */
export type AttemptOutcome =
  /** The provider took it. */
  | 'ACCEPTED'
  /** The provider, or the way to it, refused. */
  | 'REFUSED'
  /** The request went out, and no one can say whether it was taken. */
  | 'UNKNOWN';

/** Which entries: those that meet all that is given. */
export type AuditFilter = {
  /** The mutation's name. */
  action?: string | null | undefined;
  /** Begun before this instant. */
  before?: string | null | undefined;
  /** Begun at this instant or later. */
  from?: string | null | undefined;
  /** Ended so: OK, or the code of an error. */
  outcome?: string | null | undefined;
  /** Done on behalf of this user. */
  owner?: string | null | undefined;
  /** About this object: its global id, or a name as in `subjects`. */
  subject?: string | number | null | undefined;
};

/** Whether a channel's provider is believed to work. */
export type BreakerState =
  /** It is; everything goes through. */
  | 'CLOSED'
  /** One delivery is let through, to see. */
  | 'HALF_OPEN'
  /** It failed too often; due deliveries wait, and use up no attempts. */
  | 'OPEN';

/** When there is somebody to be reached (CORE-11): what is due outside moves to the next opening. One opening by `daysOfWeek`, `start` and `end`, or several by `openings`. */
export type BusinessHoursInput = {
  /** The days on which it begins. Null: Monday to Friday. */
  daysOfWeek?: Array<Weekday> | null | undefined;
  /** When it ends, local time as `18:00`; outside. At or before `start`: on the next day. Null: `18:00`. */
  end?: string | null | undefined;
  /** More holidays: an iCalendar file's text with all-day events, none of them repeated. Null: none. */
  holidayCalendar?: string | null | undefined;
  /** Up to 1,000 dates as `2026-12-25` on which no opening begins. Null: none. */
  holidays?: Array<string> | null | undefined;
  /** Up to 20 openings, several a day or different ones, instead of `daysOfWeek`, `start` and `end`. Null: these say it. */
  openings?: Array<OpeningInput> | null | undefined;
  /** When it begins, local time as `09:00`; inside. Null: `09:00`. */
  start?: string | null | undefined;
  /** The zone of these hours. Null: the zone of what is scheduled. */
  timezone?: string | null | undefined;
};

/** Which delivery to cancel. */
export type CancelInput = {
  /** Its global id. */
  id: string | number;
};

/** Which waiting deliveries to cancel. */
export type CancelManyInput = {
  /** True: only count what matches. Nothing is changed, and no run is made. */
  dryRun?: boolean;
  /** At least one thing that all of them have in common. What has an attempt is left alone. */
  filter: DeliveryFilter;
  /** Makes a repetition of the request answer with the run of the first; 1 to 512 characters. Null: each request acts. */
  idempotencyKey?: string | null | undefined;
};

/** Which run to cancel. */
export type CancelRunInput = {
  /** Its global id. */
  id: string | number;
};

/** A way to reach people. */
export type Channel =
  /** E-mail. */
  | 'EMAIL'
  /** LINE messages. Addresses are LINE user ids. */
  | 'LINE'
  /** Text messages. Addresses are phone numbers. */
  | 'SMS'
  /** Phone calls. */
  | 'VOICE'
  /** A signed HTTP request to a URL. */
  | 'WEBHOOK'
  /** WhatsApp messages. Addresses are phone numbers. */
  | 'WHATSAPP';

/** Which queue to clean, and of what. */
export type CleanQueueInput = {
  /** True: only count what matches. Nothing is changed, and no run is made. */
  dryRun?: boolean;
  /** Makes a repetition of the request answer with the run of the first; 1 to 512 characters. Null: each request acts. */
  idempotencyKey?: string | null | undefined;
  /** The queue's name. */
  name: string;
  /** What is cancelled: SCHEDULED, QUEUED and RETRYING, or some of these. Null: all three. */
  states?: Array<DeliveryState> | null | undefined;
};

/** Which ended deliveries to delete. */
export type CleanupInput = {
  /** True: only count them. Nothing is deleted. */
  dryRun?: boolean;
  /** Makes a repetition of the request answer with the run of the first; 1 to 512 characters. Null: each request acts. */
  idempotencyKey?: string | null | undefined;
  /** To which nothing has happened for so many hours; at least 1. */
  olderThanHours: number;
  /** Of this program. Null: of all. */
  program?: string | null | undefined;
};

/** What is delivered: exactly one of the fields. Not every channel carries each. */
export type ContentInput = {
  /** A subject and a body, for e-mail. */
  email?: EmailContentInput | null | undefined;
  /** A JSON body, for webhooks. */
  json?: Record<string, unknown> | null | undefined;
  /** A template with its parameters. */
  template?: TemplateInput | null | undefined;
  /** Plain text; by e-mail, the beginning of its first line is the subject. */
  text?: string | null | undefined;
};

/** A key to make. */
export type CreateApiKeyInput = {
  /** When it stops working by itself; null: never. */
  expiresAt?: string | null | undefined;
  /** What it is for; 1 to 128 characters. */
  name: string;
  /** The user that it acts for; 1 to 128 characters. */
  owner: string;
  /** What it may do. */
  role: Role;
  /** What of that it is held to, at least one; none that the maker lacks. Null: everything that the role permits. */
  scopes?: Array<Scope> | null | undefined;
};

/** What can hold a delivery up between its due instant and the acceptance by the provider. */
export type DelayCause =
  /** The channel's breaker was open. */
  | 'BREAKER'
  /** The channel's limit for the day was used up. */
  | 'DAY_LIMIT'
  /** All places for attempts under way were taken. */
  | 'IN_FLIGHT'
  /** The queue was paused. */
  | 'PAUSED'
  /** The provider took its time to answer the attempt that it accepted. */
  | 'PROVIDER'
  /** Its recipient had been written to a moment before. */
  | 'RECIPIENT_LIMIT'
  /** Earlier attempts failed: their time, and the pauses between them. */
  | 'RETRY'
  /** The channel was stopped, as when credentials are refused. */
  | 'STOPPED'
  /** It waited for a send token: the channel's limit a second. */
  | 'TOKEN'
  /** Nobody had it in hand: no worker, an alarm that rang late, a claim that took its time. */
  | 'WAKE';

/** Which deliveries: those that meet all that is given. Ids and a run are found by an index; what else is given is looked for among 10,000 deliveries for each page of a list, and among all that wait, or that have failed, for a bulk action. */
export type DeliveryFilter = {
  /** Through this channel. */
  channel?: Channel | null | undefined;
  /** Due before this instant. */
  dueBefore?: string | null | undefined;
  /** Due at this instant or later. */
  dueFrom?: string | null | undefined;
  /** Whose last attempt failed with one of these codes; at most 100. */
  errorCodes?: Array<string> | null | undefined;
  /** Of these ids; at most 1000. Unknown ones match nothing. */
  ids?: Array<string | number> | null | undefined;
  /** Made by this program. */
  program?: string | null | undefined;
  /** In this queue. */
  queue?: string | null | undefined;
  /** To this recipient, by the name that the deliveries were given. */
  recipient?: string | null | undefined;
  /** Made by this run. */
  run?: string | number | null | undefined;
  /** In one of these states. */
  states?: Array<DeliveryState> | null | undefined;
  /** Of this tier. */
  tier?: Tier | null | undefined;
};

/** Where a delivery stands. */
export type DeliveryState =
  /** Cancelled before an attempt began. An end. */
  | 'CANCELLED'
  /** The tries are used up, or the outcome is unknown and held. An end; `retryFailed` revives it. */
  | 'DEAD_LETTERED'
  /** The provider reports that it reached the device. */
  | 'DELIVERED'
  /** Refused for good. An end; `retryFailed` revives it. */
  | 'FAILED'
  /** Expired unsent. An end. */
  | 'MISSED'
  /** Due; waits for a worker, a rate token or a channel that works. */
  | 'QUEUED'
  /** The provider reports that it was read. */
  | 'READ'
  /** The recipient answered. */
  | 'RESPONDED'
  /** An attempt failed; waits for the next. */
  | 'RETRYING'
  /** Waits for its instant. */
  | 'SCHEDULED'
  /** An attempt is under way. */
  | 'SENDING'
  /** The provider has accepted it. */
  | 'SENT';

/** Which deliveries to watch: those that meet all that is given. At least one is. */
export type DeliveryUpdatedInput = {
  /** This delivery. */
  id?: string | number | null | undefined;
  /** Those of this queue. */
  queue?: string | null | undefined;
  /** Those of this run. */
  run?: string | number | null | undefined;
};

/** An e-mail, with a text for every mail program. */
export type EmailContentInput = {
  /** The same as HTML. Null: the mail is text alone. */
  html?: string | null | undefined;
  /** One line of 1 to 255 characters. */
  subject: string;
  /** Plain text; with the HTML at most 256 kB. */
  text: string;
};

/** Whom to erase: by an address, by the name that deliveries were given, or by both. */
export type EraseRecipientInput = {
  /** An address in any form that a channel reads. Null: the name says who. */
  address?: string | null | undefined;
  /** True: only count what matches. Nothing is changed, and no run is made. */
  dryRun?: boolean;
  /** The `recipient` of deliveries: the caller's name, or a program's id. Null: the address says who. */
  recipient?: string | null | undefined;
};

/** How a failed attempt is taken. */
export type ErrorClass =
  /** Trying again cannot help. */
  | 'PERMANENT'
  /** It may pass: tried again by the retry policy. */
  | 'RETRYABLE'
  /** The provider asked for less: tried again when it said. */
  | 'THROTTLED'
  /** Our credentials were refused: the channel is stopped, the delivery waits. */
  | 'UNAUTHORISED'
  /** No answer came: the channel decides between trying again and holding. */
  | 'UNKNOWN';

/** Why something was not done. New codes may be added: treat an unknown one as INTERNAL_ERROR. */
export type ErrorCode =
  /** There is no such advisor, or it belongs to somebody else. */
  | 'ADVISOR_NOT_FOUND'
  /** There is no such alert. */
  | 'ALERT_NOT_FOUND'
  /** There is no channel of this name, or it is not configured. */
  | 'CHANNEL_NOT_FOUND'
  /** There is no such content, or it belongs to somebody else. */
  | 'CONTENT_NOT_FOUND'
  /** The cursor is older than the history that is kept; read a fresh snapshot and go on from there. */
  | 'CURSOR_EXPIRED'
  /** There is no such delivery, or it belongs to somebody else. */
  | 'DELIVERY_NOT_FOUND'
  /** The role or the scopes of these credentials do not permit this. */
  | 'FORBIDDEN'
  /** The idempotency key was used before for something else. */
  | 'IDEMPOTENCY_CONFLICT'
  /** An error of ours; the requestId finds it in the log. */
  | 'INTERNAL_ERROR'
  /** The object is in a state that does not permit this; the message says which. */
  | 'INVALID_OPERATION'
  /** The instant is in the past, or cannot be read as an instant. */
  | 'INVALID_SCHEDULED_TIME'
  /** The signature of a webhook does not match its body. */
  | 'INVALID_SIGNATURE'
  /** The zone is not an IANA time zone. */
  | 'INVALID_TIMEZONE'
  /** The request body is not what its content type says. */
  | 'MALFORMED_REQUEST'
  /** There is no such object, or it belongs to somebody else. */
  | 'NOT_FOUND'
  /** The request body is larger than 256 kB (files: 10 MB). */
  | 'PAYLOAD_TOO_LARGE'
  /** The query is deeper, wider or longer than the limits allow. */
  | 'QUERY_TOO_COMPLEX'
  /** There is no queue of this name. */
  | 'QUEUE_NOT_FOUND'
  /** Too many requests; retryAfter says when to come back. */
  | 'RATE_LIMITED'
  /** There is no such run, or it belongs to somebody else. */
  | 'RUN_NOT_FOUND'
  /** The credentials are missing, unknown, expired or revoked. */
  | 'UNAUTHENTICATED'
  /** A part that this needs does not answer now; try again later. */
  | 'UNAVAILABLE'
  /** A value is missing, malformed or out of bounds; the path names the field. */
  | 'VALIDATION_ERROR';

/** How often a simple rule fires. */
export type Frequency =
  /** Every so many days. */
  | 'DAILY'
  /** Every so many months, on the day of the month on which it begins; where a month is too short, on its last. */
  | 'MONTHLY'
  /** Every so many weeks, on the weekday on which it begins. */
  | 'WEEKLY';

/** What happens to a local time that the clock skips that day. */
export type GapPolicy =
  /** Earlier by the length of the gap: 02:30 becomes 01:30. */
  | 'BACKWARD'
  /** Later by the length of the gap: 02:30 becomes 03:30. */
  | 'FORWARD'
  /** INVALID_SCHEDULED_TIME. */
  | 'REJECT';

/** What a history shows. */
export type HistorySeries =
  /** How many were accepted, sent, delivered, read, failed and so on in each bucket. */
  | 'DELIVERIES'
  /** Lateness and the provider's latency in each bucket, in ms. */
  | 'LATENCY'
  /** How many were waiting at each bucket's end. */
  | 'QUEUE_DEPTH'
  /** How many ended in each bucket, how many of them on time, and the rate. */
  | 'SLA';

/** Advisors as a CSV file. Repeating it changes nothing. */
export type ImportAdvisorsInput = {
  /** The file, with a header. Required columns: externalId, name, phone. Optional: tier, language, timezone, sms, email, active, optedOut. An empty cell leaves what is stored. A body is at most 256 kB: send longer files in parts, each with the header. */
  csv: string;
};

/** Contents as a CSV file. Repeating it changes nothing. */
export type ImportContentsInput = {
  /** The file, with a header. Required columns: externalId, template, language, components (JSON). Optional: text. An empty cell leaves what is stored. A body is at most 256 kB: send longer files in parts, each with the header. */
  csv: string;
};

/** What has happened to a run. */
export type JobChange =
  /** It has ended; its status says how. */
  | 'ENDED'
  /** A program, or a person, has begun it. */
  | 'STARTED'
  /** Its figures have changed. */
  | 'UPDATED';

/** One opening, on some days of the week. */
export type OpeningInput = {
  /** The days on which it begins. Null: Monday to Friday. */
  daysOfWeek?: Array<Weekday> | null | undefined;
  /** When it ends, local time as `18:00`; outside. At or before `start`: on the next day. Null: `18:00`. */
  end?: string | null | undefined;
  /** When it begins, local time as `09:00`; inside. Null: `09:00`. */
  start?: string | null | undefined;
};

/** Why an instant is outside the business hours. */
export type OutsideReason =
  /** The last opening of the day is over. */
  | 'AFTER_CLOSING'
  /** It is before the first opening of the day. */
  | 'BEFORE_OPENING'
  /** It is between two openings of the day. */
  | 'BETWEEN_OPENINGS'
  /** No opening begins on this day of the week. */
  | 'CLOSED_DAY'
  /** The day is a holiday. */
  | 'HOLIDAY';

/** Which instant a local time means that the clock shows twice that day. */
export type OverlapPolicy =
  /** The earlier. */
  | 'FIRST'
  /** INVALID_SCHEDULED_TIME. */
  | 'REJECT'
  /** The later. */
  | 'SECOND';

/** Which queue to pause. */
export type PauseQueueInput = {
  /** Its name. */
  name: string;
};

/** A schedule that is not made yet. */
export type PreviewScheduleInput = {
  /** When it is due, or, with `recurrence`, when that begins: nothing fires before. Its zone is that of the recurrence. */
  at: WhenInput;
  /** When it may be due; each time is moved on its own. Null: at any time. */
  businessHours?: BusinessHoursInput | null | undefined;
  /** How many times are shown, 1 to 100. */
  count?: number;
  /** How it is repeated. Null: it is not. */
  recurrence?: RecurrenceInput | null | undefined;
};

/** Order within a tier. */
export type Priority =
  /** First (1). */
  | 'HIGH'
  /** Last (10). */
  | 'LOW'
  /** The default (5). */
  | 'MEDIUM';

/** A rule that fires again and again (CORE-12): exactly one of `frequency`, `rrule` and `cron`. All repeat the local time: 09:00 stays 09:00 across changes of the clock. A local time that does not exist moves forward by the gap; one that exists twice fires once, at the first. */
export type RecurrenceInput = {
  /** A cron expression of five fields, as `0 9 * * 1-5`: minute, hour, day of month, month, day of week. Null: one of the others. */
  cron?: string | null | undefined;
  /** The last local date on which it may fire, as `2026-12-31`. Null: no end. */
  endDate?: string | null | undefined;
  /** A simple rule: every day, week or month from the beginning on. Null: one of the others. */
  frequency?: Frequency | null | undefined;
  /** With `frequency`: only each so-many-th day, week or month, 1 to 1,000. Null: 1. */
  interval?: number | null | undefined;
  /** It fires so often at most. Null: no limit. */
  maxOccurrences?: number | null | undefined;
  /** A rule of RFC 5545. Null: one of the others. */
  rrule?: string | null | undefined;
};

/** Which delivery to move, and to when. */
export type RescheduleInput = {
  /** When it is to be due instead. Its zone stays as it was. */
  at: WhenInput;
  /** Its global id. */
  id: string | number;
};

/** Which alert to settle. */
export type ResolveAlertInput = {
  /** Its global id. */
  id: string | number;
};

/** Which channel to resume. */
export type ResumeChannelInput = {
  /** The channel. */
  channel: Channel;
};

/** Which queue to resume. */
export type ResumeQueueInput = {
  /** Its name. */
  name: string;
};

/** Which failed and dead-lettered deliveries to try again. */
export type RetryFailedInput = {
  /** True: only count what matches. Nothing is changed, and no run is made. */
  dryRun?: boolean;
  /** Null: all that the caller may change. */
  filter?: DeliveryFilter | null | undefined;
  /** Makes a repetition of the request answer with the run of the first; 1 to 512 characters. Null: each request acts. */
  idempotencyKey?: string | null | undefined;
  /** At most so many, 1 to 1000000; those whose last try is the latest first. */
  limit?: number;
};

/** How long to wait between tries. Each takes 4 tries at most. */
export type RetryPolicy =
  /** 5, 10, 20 seconds. */
  | 'CONTENT'
  /** 5, 10, 20 minutes. */
  | 'PATIENT'
  /** 2, 4, 8 seconds. */
  | 'PROMPT';

/** A key to revoke. */
export type RevokeApiKeyInput = {
  /** Its global id. */
  id: string | number;
};

/** What a key may do; each may do what those before it may. */
export type Role =
  /** Everything; makes and revokes keys. */
  | 'ADMIN'
  /** Makes and changes what its owner owns. */
  | 'MANAGER'
  /** Sees and changes what every owner owns; pauses queues and resumes channels. */
  | 'OPERATOR'
  /** Sees what its owner owns. */
  | 'VIEWER';

/** Another way to reach the same person. */
export type RouteInput = {
  /** The channel. */
  channel: Channel;
  /** What is delivered this way. */
  content: ContentInput;
  /** The address, in any form that the channel reads: `+91 98765 43210`, `ann@example.org`, a URL. */
  to: string;
};

/** Which runs: those that meet all that is given. */
export type RunFilter = {
  /** Of this program. */
  program?: string | null | undefined;
  /** In this status. */
  status?: RunStatus | null | undefined;
  /** Of this type, as `wave`. */
  type?: string | null | undefined;
};

/** The upkeep, now. */
export type RunMaintenanceInput = {
  /** Makes a repetition of the request answer with the run of the first; 1 to 512 characters. Null: each request acts. */
  idempotencyKey?: string | null | undefined;
};

/** Where a run stands. */
export type RunStatus =
  /** Stopped on request. */
  | 'CANCELLED'
  /** Done. */
  | 'COMPLETED'
  /** Ended by an error. */
  | 'FAILED'
  /** At work. */
  | 'RUNNING';

/** Many messages, each accepted or refused on its own. */
export type ScheduleBulkInput = {
  /** For items without a key of their own: theirs becomes `KEY:POSITION`. Null: none. */
  idempotencyKey?: string | null | undefined;
  /** 1 to 10000, within a request body of 256 kB. */
  items: Array<ScheduleInput>;
};

/** Which wave is to be planned. Repeating it changes nothing. */
export type ScheduleDailyInput = {
  /** A wave of its own at this time, in whole seconds, besides the one of the day: for trials and extra editions. */
  at?: WhenInput | null | undefined;
  /** The date, as `2026-11-23`. The next one whose window has not closed when omitted; with `at`, that of `at`. */
  date?: string | null | undefined;
  /** The configured one (by default 30 s before to 4.5 minutes after) when omitted. */
  window?: WaveWindowInput | null | undefined;
};

/** A message and when it is due. */
export type ScheduleInput = {
  /** When it is due. */
  at: WhenInput;
  /** The channel. */
  channel: Channel;
  /** What is delivered this way. */
  content: ContentInput;
  /** Never sent past this. Null: it does not expire. */
  expiresAt?: string | null | undefined;
  /** Further ways, in order, taken when the first is broken. */
  fallback?: Array<RouteInput> | null | undefined;
  /** A second request with the same key returns the first delivery. 1 to 512 characters; null: none. */
  idempotencyKey?: string | null | undefined;
  /** The caller's own data; it is only kept. */
  metadata?: Record<string, unknown> | null | undefined;
  /** Second sort key among what is due. */
  priority?: Priority;
  /** Name of the queue that it goes through: `general`, or one of a program. */
  queue?: string;
  /** The caller's own name for the recipient; it is only kept. */
  recipient?: string | null | undefined;
  /** How long to wait between tries. */
  retryPolicy?: RetryPolicy;
  /** First sort key among what is due. */
  tier?: Tier;
  /** The address, in any form that the channel reads: `+91 98765 43210`, `ann@example.org`, a URL. */
  to: string;
};

/** What a key may be held to within its role: it can do what both permit. In tokens: `read`, `deliveries:write` and so on. */
export type Scope =
  /** Keys, and the audit. */
  | 'ADMIN'
  /** Schedules, moves, cancels, retries and erases deliveries. */
  | 'DELIVERIES_WRITE'
  /** Queues, channels, alerts, jobs and upkeep. */
  | 'OPERATE'
  /** The programs' own mutations: advisors, contents, waves. */
  | 'PROGRAMS_WRITE'
  /** Every query and subscription, and every list that hangs on something else. */
  | 'READ';

/** A content to a list of advisors, now. */
export type SendImmediateBulkInput = {
  /** ExternalIds of 1 to 1,000 advisors; one that is named twice gets one delivery. */
  advisors: Array<string>;
  /** The content's externalId. */
  content: string;
  /** At most 200 characters. The same key again gets each advisor its first delivery instead of a second one. */
  idempotencyKey?: string | null | undefined;
};

/** A content to one advisor, now. */
export type SendImmediateInput = {
  /** The advisor's externalId. */
  advisor: string;
  /** The content's externalId. */
  content: string;
  /** At most 200 characters. The same key again gets the first delivery instead of a second one. */
  idempotencyKey?: string | null | undefined;
};

/** A message that is due at once. */
export type SendNowInput = {
  /** The channel. */
  channel: Channel;
  /** What is delivered this way. */
  content: ContentInput;
  /** Never sent past this. Null: it does not expire. */
  expiresAt?: string | null | undefined;
  /** Further ways, in order, taken when the first is broken. */
  fallback?: Array<RouteInput> | null | undefined;
  /** A second request with the same key returns the first delivery. 1 to 512 characters; null: none. */
  idempotencyKey?: string | null | undefined;
  /** The caller's own data; it is only kept. */
  metadata?: Record<string, unknown> | null | undefined;
  /** Second sort key among what is due. */
  priority?: Priority;
  /** Name of the queue that it goes through: `general`, or one of a program. */
  queue?: string;
  /** The caller's own name for the recipient; it is only kept. */
  recipient?: string | null | undefined;
  /** How long to wait between tries. */
  retryPolicy?: RetryPolicy;
  /** First sort key among what is due. */
  tier?: Tier;
  /** The address, in any form that the channel reads: `+91 98765 43210`, `ann@example.org`, a URL. */
  to: string;
};

/** How much something matters. */
export type Severity =
  /** Worth waking somebody up. */
  | 'CRITICAL'
  /** Worth knowing. */
  | 'NOTICE'
  /** Worth a look today. */
  | 'WARNING';

/** How a service level stands. That nothing can be told any more is for those to say who are not told. */
export type SlaStatus =
  /** The rate is at its target still, but too many are expected to be late, or something is in the way. */
  | 'AT_RISK'
  /** The rate is below its target, or something is overdue and nothing else was judged. */
  | 'LATE'
  /** The rate is at its target, and nothing stands in the way of what is due soon. */
  | 'ON_TIME'
  /** Nothing was judged, nothing is overdue, and nothing is due soon. */
  | 'QUIET';

/** What has happened to a violation. */
export type SlaViolationChange =
  /** The rate is at its target again. */
  | 'CLOSED'
  /** The rate fell below its target. */
  | 'OPENED'
  /** It has new figures, or became worse. */
  | 'UPDATED';

/** Whose figures: of what meets all that is given. */
export type StatsFilter = {
  /** Through this channel. */
  channel?: Channel | null | undefined;
  /** Made by this program. */
  program?: string | null | undefined;
  /** In this queue. */
  queue?: string | null | undefined;
  /** Of this tier. */
  tier?: Tier | null | undefined;
};

/** A message template that the provider has approved. */
export type TemplateInput = {
  /** Parameters in the provider's own shape. Null: none. */
  components?: Array<Record<string, unknown>> | null | undefined;
  /** The provider's language code, as `en` or `en_US`. */
  language: string;
  /** Its name at the provider. */
  name: string;
};

/** How much a recipient goes before others when work piles up. */
export type Tier =
  /** Last; waiting raises it, so that it never starves. */
  | 'FREE'
  /** First. */
  | 'PRO'
  /** The default. */
  | 'STANDARD';

/** A rule that had a say in when something is due. */
export type TimeFlag =
  /** The month has no such day: it is the month's last instead. */
  | 'CLAMPED'
  /** The local time that was asked for does not exist that day: the clock skips it. */
  | 'GAP'
  /** It was outside the business hours and moved to the next opening. */
  | 'MOVED_BY_BUSINESS_HOURS'
  /** The local time that was asked for exists twice that day. */
  | 'OVERLAP';

/** Which job to run. */
export type TriggerJobInput = {
  /** Its name. */
  name: string;
};

/** One advisor, made or changed. Repeating it changes nothing. */
export type UpsertAdvisorInput = {
  /** False: kept, but gets nothing. True by default. */
  active?: boolean | null | undefined;
  /** An e-mail address. Null takes away what is stored. */
  email?: string | null | undefined;
  /** The owner's own id for this person, at most 64 characters: the same id is the same advisor. */
  externalId: string;
  /** As `en` or `en_US`; `en` by default. */
  language?: string | null | undefined;
  /** The name as it is to stand in messages, at most 100 characters. */
  name: string;
  /** True: the person wants nothing. False by default. */
  optedOut?: boolean | null | undefined;
  /** The WhatsApp number with its country code, in any spelling. */
  phone: string;
  /** A number for text messages. Null takes away what is stored. */
  sms?: string | null | undefined;
  /** STANDARD by default. */
  tier?: Tier | null | undefined;
  /** The person's zone. Null takes away what is stored. */
  timezone?: string | null | undefined;
};

/** Advisors, made or changed. Repeating it changes nothing. */
export type UpsertAdvisorsInput = {
  /** 1 to 1,000 advisors; each is stored or refused on its own. */
  advisors: Array<AdvisorInput>;
};

/** A content, made or changed. Repeating it changes nothing. */
export type UpsertContentInput = {
  /** Parameters in WhatsApp's own shape; strings may hold `{{name}}`, `{{externalId}}`, `{{tier}}`, `{{language}}` and `{{date}}`. */
  components: Array<Record<string, unknown>>;
  /** The owner's own id for it, at most 64 characters: the same id is the same content. */
  externalId: string;
  /** The language of the template, as `en` or `en_US`. */
  language: string;
  /** The name under which WhatsApp has approved the template. */
  template: string;
  /** The same in plain words, at most 1,000 characters; may hold `{{name}}`, `{{externalId}}`, `{{tier}}`, `{{language}}` and `{{date}}`. Omitted, it stays as it is stored; null takes it away. */
  text?: string | null | undefined;
};

/** How far around its instant a wave is spread. */
export type WaveWindowInput = {
  /** After the instant; not at all when omitted. At most 12 hours. */
  after?: string | null | undefined;
  /** Before the instant; not at all when omitted. At most 12 hours. */
  before?: string | null | undefined;
};

/** A day of the week, in local time. */
export type Weekday =
  /** Friday. */
  | 'FRIDAY'
  /** Monday. */
  | 'MONDAY'
  /** Saturday. */
  | 'SATURDAY'
  /** Sunday. */
  | 'SUNDAY'
  /** Thursday. */
  | 'THURSDAY'
  /** Tuesday. */
  | 'TUESDAY'
  /** Wednesday. */
  | 'WEDNESDAY';

/** A time in the future (API-6): exactly one of `instant`, `local` and `after`. */
export type WhenInput = {
  /** So long from now. */
  after?: string | null | undefined;
  /** For a `local` time that does not exist that day. */
  gap?: GapPolicy;
  /** An instant. */
  instant?: string | null | undefined;
  /** A local time as `2026-11-24T06:00` or `2026-11-24T06:00:30`, without an offset; `timezone` is then required. */
  local?: string | null | undefined;
  /** For a `local` time that exists twice that day. */
  overlap?: OverlapPolicy;
  /** The recipient's zone. It says what `local` means; with the others it is only kept. UTC when omitted. */
  timezone?: string | null | undefined;
};

/** A stretch of time, counted in whole minutes: `last`, or `from` and `to`. The last hour when omitted. */
export type WindowInput = {
  /** Beginning, inclusive. */
  from?: string | null | undefined;
  /** So long, up to now; up to 366 days. */
  last?: string | null | undefined;
  /** End, exclusive; now when omitted. */
  to?: string | null | undefined;
};

export type AlertFieldsFragment = { id: string, key: string, severity: Severity, source: string, message: string, figures: Record<string, unknown> | null, state: AlertState, openedAt: string, updatedAt: string, acknowledgedAt: string | null, acknowledgedBy: string | null, resolvedAt: string | null, resolvedBy: string | null };

export type AlertsQueryVariables = Exact<{
  filter?: AlertFilter | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type AlertsQuery = { alerts: { nodes: Array<{ id: string, key: string, severity: Severity, source: string, message: string, figures: Record<string, unknown> | null, state: AlertState, openedAt: string, updatedAt: string, acknowledgedAt: string | null, acknowledgedBy: string | null, resolvedAt: string | null, resolvedBy: string | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type AcknowledgeAlertMutationVariables = Exact<{
  input: AcknowledgeAlertInput;
}>;


export type AcknowledgeAlertMutation = { acknowledgeAlert: { alert: { id: string, key: string, severity: Severity, source: string, message: string, figures: Record<string, unknown> | null, state: AlertState, openedAt: string, updatedAt: string, acknowledgedAt: string | null, acknowledgedBy: string | null, resolvedAt: string | null, resolvedBy: string | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ResolveAlertMutationVariables = Exact<{
  input: ResolveAlertInput;
}>;


export type ResolveAlertMutation = { resolveAlert: { alert: { id: string, key: string, severity: Severity, source: string, message: string, figures: Record<string, unknown> | null, state: AlertState, openedAt: string, updatedAt: string, acknowledgedAt: string | null, acknowledgedBy: string | null, resolvedAt: string | null, resolvedBy: string | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type AlertChangesSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  minInterval?: string | null | undefined;
}>;


export type AlertChangesSubscription = { alerts: { id: string, cursor: string, occurredAt: string, snapshot: boolean, change: AlertChange | null, alerts: Array<{ id: string, key: string, severity: Severity, source: string, message: string, figures: Record<string, unknown> | null, state: AlertState, openedAt: string, updatedAt: string, acknowledgedAt: string | null, acknowledgedBy: string | null, resolvedAt: string | null, resolvedBy: string | null }> } };

export type WaveFieldsFragment = { id: string, occurrence: string, date: string, timezone: string, from: string, to: string, expiresAt: string, tiers: Array<{ tier: Tier, advisors: number, from: string, to: string }> };

export type UpsertAdvisorMutationVariables = Exact<{
  input: UpsertAdvisorInput;
}>;


export type UpsertAdvisorMutation = { upsertAdvisor: { advisor: { id: string, externalId: string, name: string, phone: string, tier: Tier, language: string, timezone: string | null, active: boolean, optedOut: boolean } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type UpsertAdvisorsMutationVariables = Exact<{
  input: UpsertAdvisorsInput;
}>;


export type UpsertAdvisorsMutation = { upsertAdvisors: { inserted: number, updated: number, unchanged: number, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ImportAdvisorsMutationVariables = Exact<{
  input: ImportAdvisorsInput;
}>;


export type ImportAdvisorsMutation = { importAdvisors: { inserted: number, updated: number, unchanged: number, refused: number, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type UpsertContentMutationVariables = Exact<{
  input: UpsertContentInput;
}>;


export type UpsertContentMutation = { upsertContent: { content: { id: string, externalId: string, template: string, language: string } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ImportContentsMutationVariables = Exact<{
  input: ImportContentsInput;
}>;


export type ImportContentsMutation = { importContents: { inserted: number, updated: number, unchanged: number, refused: number, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type AssignContentMutationVariables = Exact<{
  input: AssignContentInput;
}>;


export type AssignContentMutation = { assignContent: { assigned: number, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ScheduleDailyMutationVariables = Exact<{
  input: ScheduleDailyInput;
}>;


export type ScheduleDailyMutation = { scheduleDaily: { scheduled: number, alreadyPlanned: number, skipped: number, failed: number, wave: { id: string, occurrence: string, date: string, timezone: string, from: string, to: string, expiresAt: string, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> }, tiers: Array<{ tier: Tier, advisors: number, from: string, to: string }> } | null, remarks: Array<{ subject: string, code: string, message: string }>, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type WaveQueryVariables = Exact<{
  occurrence: string;
}>;


export type WaveQuery = { wave: { id: string, occurrence: string, date: string, timezone: string, from: string, to: string, expiresAt: string, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> }, progress: { planned: number, sent: number, failed: number, done: number, onTimeRate: number | null, finished: boolean, counts: { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number }, lateness: { average: number, p50: number, p95: number, p99: number, max: number } | null, byTier: Array<{ tier: Tier, planned: number, sent: number, failed: number, onTimeRate: number | null }>, lost: Array<{ cause: DelayCause, ms: number }> }, tiers: Array<{ tier: Tier, advisors: number, from: string, to: string }> } | null };

export type SendImmediateMutationVariables = Exact<{
  input: SendImmediateInput;
}>;


export type SendImmediateMutation = { sendImmediate: { delivery: { id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type SendImmediateBulkMutationVariables = Exact<{
  input: SendImmediateBulkInput;
}>;


export type SendImmediateBulkMutation = { sendImmediateBulk: { deliveries: Array<{ id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null }>, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ScheduleMutationVariables = Exact<{
  input: ScheduleInput;
}>;


export type ScheduleMutation = { schedule: { created: boolean | null, delivery: { id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type SendNowMutationVariables = Exact<{
  input: SendNowInput;
}>;


export type SendNowMutation = { sendNow: { created: boolean | null, delivery: { id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ScheduleBulkMutationVariables = Exact<{
  input: ScheduleBulkInput;
}>;


export type ScheduleBulkMutation = { scheduleBulk: { accepted: number, created: number, refused: number, deliveries: Array<{ id: string, key: string, state: DeliveryState, dueAt: string } | null> | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type CancelMutationVariables = Exact<{
  input: CancelInput;
}>;


export type CancelMutation = { cancel: { delivery: { id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type RescheduleMutationVariables = Exact<{
  input: RescheduleInput;
}>;


export type RescheduleMutation = { reschedule: { delivery: { id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type RetryFailedMutationVariables = Exact<{
  input: RetryFailedInput;
}>;


export type RetryFailedMutation = { retryFailed: { matched: number | null, retried: number | null, dryRun: boolean | null, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type CancelManyMutationVariables = Exact<{
  input: CancelManyInput;
}>;


export type CancelManyMutation = { cancelMany: { matched: number | null, cancelled: number | null, dryRun: boolean | null, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type DeliveryQueryVariables = Exact<{
  id: string | number;
}>;


export type DeliveryQuery = { delivery: { content: Record<string, unknown>, metadata: Record<string, unknown> | null, latenessMs: number | null, deliveredAt: string | null, readAt: string | null, respondedAt: string | null, response: string | null, id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, history: Array<{ state: DeliveryState, at: string, reason: string | null, by: string | null }>, attempts: Array<{ number: number, channel: Channel, provider: string, outcome: AttemptOutcome, startedAt: string | null, endedAt: string, latenessMs: number | null, messageId: string | null, errorClass: ErrorClass | null, errorCode: string | null, errorMessage: string | null }>, run: { id: string } | null, lastError: { code: string, message: string } | null } | null };

export type DeliveriesQueryVariables = Exact<{
  filter?: DeliveryFilter | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type DeliveriesQuery = { deliveries: { nodes: Array<{ latenessMs: number | null, id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, attempts: Array<{ number: number, outcome: AttemptOutcome, startedAt: string | null, endedAt: string, latenessMs: number | null, messageId: string | null, errorCode: string | null }>, lastError: { code: string, message: string } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type FailedDeliveriesQueryVariables = Exact<{
  filter?: DeliveryFilter | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type FailedDeliveriesQuery = { failedDeliveries: { nodes: Array<{ id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type FailureReasonsQueryVariables = Exact<{
  filter?: DeliveryFilter | null | undefined;
}>;


export type FailureReasonsQuery = { failureReasons: Array<{ code: string, message: string | null, state: DeliveryState, count: number, partial: boolean }> };

export type DeliveryUpdatedSubscriptionVariables = Exact<{
  input: DeliveryUpdatedInput;
  after?: string | null | undefined;
  minInterval?: string | null | undefined;
}>;


export type DeliveryUpdatedSubscription = { deliveryUpdated: { id: string, cursor: string, occurredAt: string, snapshot: boolean, deliveries: Array<{ id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null }> } };

export type ExplainQueryVariables = Exact<{
  delivery: string | number;
}>;


export type ExplainQuery = { explain: { delivery: { id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null }, steps: Array<{ at: string, cause: DelayCause | null, ms: number | null, text: string }>, lost: Array<{ cause: DelayCause, ms: number }> } | null };

export type StatsQueryVariables = Exact<{
  filter?: StatsFilter | null | undefined;
  window?: WindowInput | null | undefined;
}>;


export type StatsQuery = { stats: { from: string, to: string, waiting: number, delayed: number, active: number, accepted: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, retried: number, missed: number, cancelled: number, successRate: number | null, onTimeRate: number | null, responseRate: number | null, counts: { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number }, lost: Array<{ cause: DelayCause, ms: number }>, lateness: { average: number, p50: number, p95: number, p99: number, max: number } | null, providerLatency: { average: number, p50: number, p95: number, p99: number, max: number } | null } };

export type HistoryQueryVariables = Exact<{
  series: HistorySeries;
  filter?: StatsFilter | null | undefined;
  window?: WindowInput | null | undefined;
  bucket?: string;
}>;


export type HistoryQuery = { history: Array<{ at: string, values: Array<{ name: string, value: number }> }> };

export type HealthQueryVariables = Exact<{ [key: string]: never; }>;


export type HealthQuery = { health: { healthy: boolean, checkedAt: string, reasons: Array<{ code: string, message: string }> } };

export type QueueStatsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  minInterval?: string | null | undefined;
}>;


export type QueueStatsSubscription = { queueStats: { id: string, cursor: string, occurredAt: string, snapshot: boolean, queues: Array<{ name: string, paused: boolean, maxInFlight: number, counts: { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number } }> } };

export type DeliveryStatsQueryVariables = Exact<{
  from: string;
  to: string;
  filter?: StatsFilter | null | undefined;
}>;


export type DeliveryStatsQuery = { deliveryStats: { from: string, to: string, sent: number, successful: number, failed: number, averageDeliveryTimeMs: number | null, responseRate: number | null } };

export type ErrorFieldsFragment = { code: ErrorCode, message: string, path: string | null, index: number | null };

export type DeliveryFieldsFragment = { id: string, key: string, owner: string, state: DeliveryState, queue: string, channel: Channel, program: string | null, to: string, recipient: string | null, tier: Tier, priority: Priority, dueAt: string, timezone: string, offsetMinutes: number, readyAt: string, expiresAt: string | null, attemptCount: number, maxAttempts: number, idempotencyKey: string | null, createdAt: string, lastError: { code: string, message: string } | null };

export type PercentileFieldsFragment = { average: number, p50: number, p95: number, p99: number, max: number };

export type CountFieldsFragment = { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number };

export type ProgressFieldsFragment = { planned: number, sent: number, failed: number, done: number, onTimeRate: number | null, finished: boolean, counts: { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number }, lateness: { average: number, p50: number, p95: number, p99: number, max: number } | null, byTier: Array<{ tier: Tier, planned: number, sent: number, failed: number, onTimeRate: number | null }>, lost: Array<{ cause: DelayCause, ms: number }> };

export type RunFieldsFragment = { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> };

export type PageFieldsFragment = { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null };

export type QueuesQueryVariables = Exact<{ [key: string]: never; }>;


export type QueuesQuery = { queues: Array<{ name: string, paused: boolean, maxInFlight: number, counts: { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number } }> };

export type QueueQueryVariables = Exact<{
  name: string;
}>;


export type QueueQuery = { queue: { name: string, paused: boolean, maxInFlight: number, counts: { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number } } };

export type PauseQueueMutationVariables = Exact<{
  input: PauseQueueInput;
}>;


export type PauseQueueMutation = { pauseQueue: { queue: { name: string, paused: boolean } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ResumeQueueMutationVariables = Exact<{
  input: ResumeQueueInput;
}>;


export type ResumeQueueMutation = { resumeQueue: { queue: { name: string, paused: boolean } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type CleanQueueMutationVariables = Exact<{
  input: CleanQueueInput;
}>;


export type CleanQueueMutation = { cleanQueue: { matched: number | null, cancelled: number | null, dryRun: boolean | null, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type RunMaintenanceMutationVariables = Exact<{
  input: RunMaintenanceInput;
}>;


export type RunMaintenanceMutation = { runMaintenance: { run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type CleanupMutationVariables = Exact<{
  input: CleanupInput;
}>;


export type CleanupMutation = { cleanup: { matched: number | null, deleted: number | null, dryRun: boolean | null, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type JobsQueryVariables = Exact<{ [key: string]: never; }>;


export type JobsQuery = { jobs: Array<{ id: string, name: string, nextAt: string | null, lastAt: string | null, lastError: string | null, running: boolean }> };

export type TriggerJobMutationVariables = Exact<{
  input: TriggerJobInput;
}>;


export type TriggerJobMutation = { triggerJob: { job: { id: string, name: string, nextAt: string | null, lastAt: string | null, lastError: string | null, running: boolean } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ChannelsQueryVariables = Exact<{ [key: string]: never; }>;


export type ChannelsQuery = { channels: Array<{ channel: Channel, provider: string, breaker: BreakerState, consecutiveFailures: number, retryAt: string | null, stopped: string | null, perSecond: number | null, perDay: number | null, perRecipientMs: number | null, zone: string, usedToday: number | null }> };

export type ResumeChannelMutationVariables = Exact<{
  input: ResumeChannelInput;
}>;


export type ResumeChannelMutation = { resumeChannel: { channel: { channel: Channel, breaker: BreakerState, stopped: string | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type ApiKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type ApiKeysQuery = { apiKeys: Array<{ id: string, prefix: string, name: string, owner: string, role: Role, createdAt: string, expiresAt: string | null, revokedAt: string | null, lastUsedAt: string | null }> };

export type CreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateApiKeyMutation = { createApiKey: { key: string | null, apiKey: { id: string, prefix: string, name: string, owner: string, role: Role, expiresAt: string | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type RevokeApiKeyMutationVariables = Exact<{
  input: RevokeApiKeyInput;
}>;


export type RevokeApiKeyMutation = { revokeApiKey: { apiKey: { id: string, revokedAt: string | null } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type EraseRecipientMutationVariables = Exact<{
  input: EraseRecipientInput;
}>;


export type EraseRecipientMutation = { eraseRecipient: { dryRun: boolean | null, matched: number | null, erased: number | null, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type AuditQueryVariables = Exact<{
  filter?: AuditFilter | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type AuditQuery = { audit: { nodes: Array<{ id: string, at: string, owner: string, role: Role, credential: string, action: string, outcome: string | null, refused: number, subjects: Array<string>, subjectCount: number, requestId: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type PreviewScheduleQueryVariables = Exact<{
  input: PreviewScheduleInput;
}>;


export type PreviewScheduleQuery = { previewSchedule: { hasMore: boolean, timezone: string, zoneData: string, times: Array<{ occurrence: number, at: string, local: string, offsetMinutes: number, asked: string, flags: Array<TimeFlag>, movedFrom: string | null, movedBecause: OutsideReason | null }> } };

export type RunQueryVariables = Exact<{
  id: string | number;
}>;


export type RunQuery = { run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, progress: { planned: number, sent: number, failed: number, done: number, onTimeRate: number | null, finished: boolean, counts: { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number }, lateness: { average: number, p50: number, p95: number, p99: number, max: number } | null, byTier: Array<{ tier: Tier, planned: number, sent: number, failed: number, onTimeRate: number | null }>, lost: Array<{ cause: DelayCause, ms: number }> }, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null };

export type RunsQueryVariables = Exact<{
  filter?: RunFilter | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type RunsQuery = { runs: { nodes: Array<{ id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type CancelRunMutationVariables = Exact<{
  input: CancelRunInput;
}>;


export type CancelRunMutation = { cancelRun: { run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null, cancelling: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } | null, errors: Array<{ code: ErrorCode, message: string, path: string | null, index: number | null }> } };

export type RunProgressSubscriptionVariables = Exact<{
  run: string | number;
  after?: string | null | undefined;
  minInterval?: string | null | undefined;
}>;


export type RunProgressSubscription = { runProgress: { id: string, cursor: string, occurredAt: string, snapshot: boolean, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> }, progress: { planned: number, sent: number, failed: number, done: number, onTimeRate: number | null, finished: boolean, counts: { scheduled: number, queued: number, sending: number, retrying: number, sent: number, delivered: number, read: number, responded: number, failed: number, deadLettered: number, cancelled: number, missed: number }, lateness: { average: number, p50: number, p95: number, p99: number, max: number } | null, byTier: Array<{ tier: Tier, planned: number, sent: number, failed: number, onTimeRate: number | null }>, lost: Array<{ cause: DelayCause, ms: number }> } } };

export type JobEventsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  minInterval?: string | null | undefined;
}>;


export type JobEventsSubscription = { jobEvents: { id: string, cursor: string, occurredAt: string, snapshot: boolean, change: JobChange | null, runs: Array<{ id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> }> } };

export type ViolationFieldsFragment = { id: string, policy: string, severity: Severity, open: boolean, openedAt: string, updatedAt: string, closedAt: string | null, windowFrom: string, windowTo: string, target: number, rate: number, worstRate: number, good: number, bad: number, offenders: Array<{ latenessMs: number, state: DeliveryState, reason: string | null, delivery: { id: string, to: string, queue: string, channel: Channel } | null }> };

export type SlaFieldsFragment = { status: SlaStatus, windowFrom: string, windowTo: string, good: number, bad: number, rate: number | null, overdue: number, waiting: number, dueSoon: number, reasons: Array<string>, evaluatedAt: string, validUntil: string, policy: { name: string, queue: string | null, program: string | null, tier: Tier | null, target: number, targetLatenessMs: number, windowMs: number, warningBelow: number, criticalBelow: number }, budget: { periodFrom: string, allowed: number, spent: number, left: number | null, burnShort: number | null, burnLong: number | null }, forecast: { expectedMisses: number, finish: string | null, limitedBy: DelayCause | null }, violation: { id: string, policy: string, severity: Severity, open: boolean, openedAt: string, updatedAt: string, closedAt: string | null, windowFrom: string, windowTo: string, target: number, rate: number, worstRate: number, good: number, bad: number, offenders: Array<{ latenessMs: number, state: DeliveryState, reason: string | null, delivery: { id: string, to: string, queue: string, channel: Channel } | null }> } | null };

export type WaveForecastFieldsFragment = { planned: number, done: number, finish: string | null, deadline: string, onTime: boolean, limitedBy: DelayCause | null, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } };

export type SlaQueryVariables = Exact<{
  policy?: string | null | undefined;
}>;


export type SlaQuery = { sla: Array<{ status: SlaStatus, windowFrom: string, windowTo: string, good: number, bad: number, rate: number | null, overdue: number, waiting: number, dueSoon: number, reasons: Array<string>, evaluatedAt: string, validUntil: string, policy: { name: string, queue: string | null, program: string | null, tier: Tier | null, target: number, targetLatenessMs: number, windowMs: number, warningBelow: number, criticalBelow: number }, budget: { periodFrom: string, allowed: number, spent: number, left: number | null, burnShort: number | null, burnLong: number | null }, forecast: { expectedMisses: number, finish: string | null, limitedBy: DelayCause | null }, violation: { id: string, policy: string, severity: Severity, open: boolean, openedAt: string, updatedAt: string, closedAt: string | null, windowFrom: string, windowTo: string, target: number, rate: number, worstRate: number, good: number, bad: number, offenders: Array<{ latenessMs: number, state: DeliveryState, reason: string | null, delivery: { id: string, to: string, queue: string, channel: Channel } | null }> } | null }> };

export type WaveForecastsQueryVariables = Exact<{ [key: string]: never; }>;


export type WaveForecastsQuery = { waveForecasts: Array<{ planned: number, done: number, finish: string | null, deadline: string, onTime: boolean, limitedBy: DelayCause | null, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } }> };

export type SlaViolationsQueryVariables = Exact<{
  first?: number;
  after?: string | null | undefined;
}>;


export type SlaViolationsQuery = { slaViolations: { nodes: Array<{ id: string, policy: string, severity: Severity, open: boolean, openedAt: string, updatedAt: string, closedAt: string | null, windowFrom: string, windowTo: string, target: number, rate: number, worstRate: number, good: number, bad: number, offenders: Array<{ latenessMs: number, state: DeliveryState, reason: string | null, delivery: { id: string, to: string, queue: string, channel: Channel } | null }> }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type SlaUpdatedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  minInterval?: string | null | undefined;
}>;


export type SlaUpdatedSubscription = { slaUpdated: { id: string, cursor: string, occurredAt: string, snapshot: boolean, slas: Array<{ status: SlaStatus, windowFrom: string, windowTo: string, good: number, bad: number, rate: number | null, overdue: number, waiting: number, dueSoon: number, reasons: Array<string>, evaluatedAt: string, validUntil: string, policy: { name: string, queue: string | null, program: string | null, tier: Tier | null, target: number, targetLatenessMs: number, windowMs: number, warningBelow: number, criticalBelow: number }, budget: { periodFrom: string, allowed: number, spent: number, left: number | null, burnShort: number | null, burnLong: number | null }, forecast: { expectedMisses: number, finish: string | null, limitedBy: DelayCause | null }, violation: { id: string, policy: string, severity: Severity, open: boolean, openedAt: string, updatedAt: string, closedAt: string | null, windowFrom: string, windowTo: string, target: number, rate: number, worstRate: number, good: number, bad: number, offenders: Array<{ latenessMs: number, state: DeliveryState, reason: string | null, delivery: { id: string, to: string, queue: string, channel: Channel } | null }> } | null }>, waves: Array<{ planned: number, done: number, finish: string | null, deadline: string, onTime: boolean, limitedBy: DelayCause | null, run: { id: string, owner: string, program: string, type: string, occurrence: string, status: RunStatus, startedAt: string, endedAt: string | null, scheduled: number, skipped: number, failed: number, matched: number | null, changed: number | null, error: string | null, window: { from: string, to: string } | null, remarks: Array<{ subject: string, code: string, message: string }> } }> } };

export type SlaViolationChangesSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  minInterval?: string | null | undefined;
}>;


export type SlaViolationChangesSubscription = { slaViolations: { id: string, cursor: string, occurredAt: string, snapshot: boolean, change: SlaViolationChange | null, violations: Array<{ id: string, policy: string, severity: Severity, open: boolean, openedAt: string, updatedAt: string, closedAt: string | null, windowFrom: string, windowTo: string, target: number, rate: number, worstRate: number, good: number, bad: number, offenders: Array<{ latenessMs: number, state: DeliveryState, reason: string | null, delivery: { id: string, to: string, queue: string, channel: Channel } | null }> }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const AlertFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment AlertFields on Alert {
  id
  key
  severity
  source
  message
  figures
  state
  openedAt
  updatedAt
  acknowledgedAt
  acknowledgedBy
  resolvedAt
  resolvedBy
}
    `, {"fragmentName":"AlertFields"}) as unknown as TypedDocumentString<AlertFieldsFragment, unknown>;
export const WaveFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment WaveFields on Wave {
  id
  occurrence
  date
  timezone
  from
  to
  expiresAt
  tiers {
    tier
    advisors
    from
    to
  }
}
    `, {"fragmentName":"WaveFields"}) as unknown as TypedDocumentString<WaveFieldsFragment, unknown>;
export const ErrorFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
    `, {"fragmentName":"ErrorFields"}) as unknown as TypedDocumentString<ErrorFieldsFragment, unknown>;
export const DeliveryFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}
    `, {"fragmentName":"DeliveryFields"}) as unknown as TypedDocumentString<DeliveryFieldsFragment, unknown>;
export const CountFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}
    `, {"fragmentName":"CountFields"}) as unknown as TypedDocumentString<CountFieldsFragment, unknown>;
export const PercentileFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment PercentileFields on Percentiles {
  average
  p50
  p95
  p99
  max
}
    `, {"fragmentName":"PercentileFields"}) as unknown as TypedDocumentString<PercentileFieldsFragment, unknown>;
export const ProgressFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment ProgressFields on RunProgress {
  planned
  sent
  failed
  done
  onTimeRate
  finished
  counts {
    ...CountFields
  }
  lateness {
    ...PercentileFields
  }
  byTier {
    tier
    planned
    sent
    failed
    onTimeRate
  }
  lost {
    cause
    ms
  }
}
    fragment PercentileFields on Percentiles {
  average
  p50
  p95
  p99
  max
}
fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}`, {"fragmentName":"ProgressFields"}) as unknown as TypedDocumentString<ProgressFieldsFragment, unknown>;
export const PageFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}
    `, {"fragmentName":"PageFields"}) as unknown as TypedDocumentString<PageFieldsFragment, unknown>;
export const ViolationFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment ViolationFields on SlaViolation {
  id
  policy
  severity
  open
  openedAt
  updatedAt
  closedAt
  windowFrom
  windowTo
  target
  rate
  worstRate
  good
  bad
  offenders {
    latenessMs
    state
    reason
    delivery {
      id
      to
      queue
      channel
    }
  }
}
    `, {"fragmentName":"ViolationFields"}) as unknown as TypedDocumentString<ViolationFieldsFragment, unknown>;
export const SlaFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment SlaFields on Sla {
  policy {
    name
    queue
    program
    tier
    target
    targetLatenessMs
    windowMs
    warningBelow
    criticalBelow
  }
  status
  windowFrom
  windowTo
  good
  bad
  rate
  overdue
  waiting
  dueSoon
  reasons
  budget {
    periodFrom
    allowed
    spent
    left
    burnShort
    burnLong
  }
  forecast {
    expectedMisses
    finish
    limitedBy
  }
  violation {
    ...ViolationFields
  }
  evaluatedAt
  validUntil
}
    fragment ViolationFields on SlaViolation {
  id
  policy
  severity
  open
  openedAt
  updatedAt
  closedAt
  windowFrom
  windowTo
  target
  rate
  worstRate
  good
  bad
  offenders {
    latenessMs
    state
    reason
    delivery {
      id
      to
      queue
      channel
    }
  }
}`, {"fragmentName":"SlaFields"}) as unknown as TypedDocumentString<SlaFieldsFragment, unknown>;
export const RunFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}
    `, {"fragmentName":"RunFields"}) as unknown as TypedDocumentString<RunFieldsFragment, unknown>;
export const WaveForecastFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment WaveForecastFields on WaveForecast {
  run {
    ...RunFields
  }
  planned
  done
  finish
  deadline
  onTime
  limitedBy
}
    fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`, {"fragmentName":"WaveForecastFields"}) as unknown as TypedDocumentString<WaveForecastFieldsFragment, unknown>;
export const AlertsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Alerts($filter: AlertFilter, $first: Int! = 50, $after: String) {
  alerts(filter: $filter, first: $first, after: $after) {
    nodes {
      ...AlertFields
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment AlertFields on Alert {
  id
  key
  severity
  source
  message
  figures
  state
  openedAt
  updatedAt
  acknowledgedAt
  acknowledgedBy
  resolvedAt
  resolvedBy
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<AlertsQuery, AlertsQueryVariables>;
export const AcknowledgeAlertDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation AcknowledgeAlert($input: AcknowledgeAlertInput!) {
  acknowledgeAlert(input: $input) {
    alert {
      ...AlertFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment AlertFields on Alert {
  id
  key
  severity
  source
  message
  figures
  state
  openedAt
  updatedAt
  acknowledgedAt
  acknowledgedBy
  resolvedAt
  resolvedBy
}
fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<AcknowledgeAlertMutation, AcknowledgeAlertMutationVariables>;
export const ResolveAlertDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ResolveAlert($input: ResolveAlertInput!) {
  resolveAlert(input: $input) {
    alert {
      ...AlertFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment AlertFields on Alert {
  id
  key
  severity
  source
  message
  figures
  state
  openedAt
  updatedAt
  acknowledgedAt
  acknowledgedBy
  resolvedAt
  resolvedBy
}
fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<ResolveAlertMutation, ResolveAlertMutationVariables>;
export const AlertChangesDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription AlertChanges($after: String, $minInterval: Duration) {
  alerts(after: $after, minInterval: $minInterval) {
    id
    cursor
    occurredAt
    snapshot
    change
    alerts {
      ...AlertFields
    }
  }
}
    fragment AlertFields on Alert {
  id
  key
  severity
  source
  message
  figures
  state
  openedAt
  updatedAt
  acknowledgedAt
  acknowledgedBy
  resolvedAt
  resolvedBy
}`) as unknown as TypedDocumentString<AlertChangesSubscription, AlertChangesSubscriptionVariables>;
export const UpsertAdvisorDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation UpsertAdvisor($input: UpsertAdvisorInput!) {
  upsertAdvisor(input: $input) {
    advisor {
      id
      externalId
      name
      phone
      tier
      language
      timezone
      active
      optedOut
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<UpsertAdvisorMutation, UpsertAdvisorMutationVariables>;
export const UpsertAdvisorsDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation UpsertAdvisors($input: UpsertAdvisorsInput!) {
  upsertAdvisors(input: $input) {
    inserted
    updated
    unchanged
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<UpsertAdvisorsMutation, UpsertAdvisorsMutationVariables>;
export const ImportAdvisorsDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ImportAdvisors($input: ImportAdvisorsInput!) {
  importAdvisors(input: $input) {
    inserted
    updated
    unchanged
    refused
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<ImportAdvisorsMutation, ImportAdvisorsMutationVariables>;
export const UpsertContentDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation UpsertContent($input: UpsertContentInput!) {
  upsertContent(input: $input) {
    content {
      id
      externalId
      template
      language
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<UpsertContentMutation, UpsertContentMutationVariables>;
export const ImportContentsDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ImportContents($input: ImportContentsInput!) {
  importContents(input: $input) {
    inserted
    updated
    unchanged
    refused
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<ImportContentsMutation, ImportContentsMutationVariables>;
export const AssignContentDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation AssignContent($input: AssignContentInput!) {
  assignContent(input: $input) {
    assigned
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<AssignContentMutation, AssignContentMutationVariables>;
export const ScheduleDailyDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ScheduleDaily($input: ScheduleDailyInput!) {
  scheduleDaily(input: $input) {
    wave {
      ...WaveFields
      run {
        ...RunFields
      }
    }
    scheduled
    alreadyPlanned
    skipped
    failed
    remarks {
      subject
      code
      message
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment WaveFields on Wave {
  id
  occurrence
  date
  timezone
  from
  to
  expiresAt
  tiers {
    tier
    advisors
    from
    to
  }
}
fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<ScheduleDailyMutation, ScheduleDailyMutationVariables>;
export const WaveDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Wave($occurrence: String!) {
  wave(occurrence: $occurrence) {
    ...WaveFields
    run {
      ...RunFields
    }
    progress {
      ...ProgressFields
    }
  }
}
    fragment WaveFields on Wave {
  id
  occurrence
  date
  timezone
  from
  to
  expiresAt
  tiers {
    tier
    advisors
    from
    to
  }
}
fragment PercentileFields on Percentiles {
  average
  p50
  p95
  p99
  max
}
fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}
fragment ProgressFields on RunProgress {
  planned
  sent
  failed
  done
  onTimeRate
  finished
  counts {
    ...CountFields
  }
  lateness {
    ...PercentileFields
  }
  byTier {
    tier
    planned
    sent
    failed
    onTimeRate
  }
  lost {
    cause
    ms
  }
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<WaveQuery, WaveQueryVariables>;
export const SendImmediateDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation SendImmediate($input: SendImmediateInput!) {
  sendImmediate(input: $input) {
    delivery {
      ...DeliveryFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<SendImmediateMutation, SendImmediateMutationVariables>;
export const SendImmediateBulkDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation SendImmediateBulk($input: SendImmediateBulkInput!) {
  sendImmediateBulk(input: $input) {
    deliveries {
      ...DeliveryFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<SendImmediateBulkMutation, SendImmediateBulkMutationVariables>;
export const ScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation Schedule($input: ScheduleInput!) {
  schedule(input: $input) {
    delivery {
      ...DeliveryFields
    }
    created
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<ScheduleMutation, ScheduleMutationVariables>;
export const SendNowDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation SendNow($input: SendNowInput!) {
  sendNow(input: $input) {
    delivery {
      ...DeliveryFields
    }
    created
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<SendNowMutation, SendNowMutationVariables>;
export const ScheduleBulkDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ScheduleBulk($input: ScheduleBulkInput!) {
  scheduleBulk(input: $input) {
    deliveries {
      id
      key
      state
      dueAt
    }
    accepted
    created
    refused
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<ScheduleBulkMutation, ScheduleBulkMutationVariables>;
export const CancelDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation Cancel($input: CancelInput!) {
  cancel(input: $input) {
    delivery {
      ...DeliveryFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<CancelMutation, CancelMutationVariables>;
export const RescheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation Reschedule($input: RescheduleInput!) {
  reschedule(input: $input) {
    delivery {
      ...DeliveryFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<RescheduleMutation, RescheduleMutationVariables>;
export const RetryFailedDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation RetryFailed($input: RetryFailedInput!) {
  retryFailed(input: $input) {
    matched
    retried
    dryRun
    run {
      ...RunFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<RetryFailedMutation, RetryFailedMutationVariables>;
export const CancelManyDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation CancelMany($input: CancelManyInput!) {
  cancelMany(input: $input) {
    matched
    cancelled
    dryRun
    run {
      ...RunFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<CancelManyMutation, CancelManyMutationVariables>;
export const DeliveryDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Delivery($id: ID!) {
  delivery(id: $id) {
    ...DeliveryFields
    content
    metadata
    latenessMs
    deliveredAt
    readAt
    respondedAt
    response
    history {
      state
      at
      reason
      by
    }
    attempts {
      number
      channel
      provider
      outcome
      startedAt
      endedAt
      latenessMs
      messageId
      errorClass
      errorCode
      errorMessage
    }
    run {
      id
    }
  }
}
    fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<DeliveryQuery, DeliveryQueryVariables>;
export const DeliveriesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Deliveries($filter: DeliveryFilter, $first: Int! = 200, $after: String) {
  deliveries(filter: $filter, first: $first, after: $after) {
    nodes {
      ...DeliveryFields
      latenessMs
      attempts {
        number
        outcome
        startedAt
        endedAt
        latenessMs
        messageId
        errorCode
      }
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<DeliveriesQuery, DeliveriesQueryVariables>;
export const FailedDeliveriesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query FailedDeliveries($filter: DeliveryFilter, $first: Int! = 50, $after: String) {
  failedDeliveries(filter: $filter, first: $first, after: $after) {
    nodes {
      ...DeliveryFields
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<FailedDeliveriesQuery, FailedDeliveriesQueryVariables>;
export const FailureReasonsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query FailureReasons($filter: DeliveryFilter) {
  failureReasons(filter: $filter) {
    code
    message
    state
    count
    partial
  }
}
    `) as unknown as TypedDocumentString<FailureReasonsQuery, FailureReasonsQueryVariables>;
export const DeliveryUpdatedDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription DeliveryUpdated($input: DeliveryUpdatedInput!, $after: String, $minInterval: Duration) {
  deliveryUpdated(input: $input, after: $after, minInterval: $minInterval) {
    id
    cursor
    occurredAt
    snapshot
    deliveries {
      ...DeliveryFields
    }
  }
}
    fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<DeliveryUpdatedSubscription, DeliveryUpdatedSubscriptionVariables>;
export const ExplainDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Explain($delivery: ID!) {
  explain(delivery: $delivery) {
    delivery {
      ...DeliveryFields
    }
    steps {
      at
      cause
      ms
      text
    }
    lost {
      cause
      ms
    }
  }
}
    fragment DeliveryFields on Delivery {
  id
  key
  owner
  state
  queue
  channel
  program
  to
  recipient
  tier
  priority
  dueAt
  timezone
  offsetMinutes
  readyAt
  expiresAt
  attemptCount
  maxAttempts
  lastError {
    code
    message
  }
  idempotencyKey
  createdAt
}`) as unknown as TypedDocumentString<ExplainQuery, ExplainQueryVariables>;
export const StatsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Stats($filter: StatsFilter, $window: WindowInput) {
  stats(filter: $filter, window: $window) {
    from
    to
    counts {
      ...CountFields
    }
    waiting
    delayed
    active
    accepted
    sent
    delivered
    read
    responded
    failed
    deadLettered
    retried
    missed
    cancelled
    successRate
    onTimeRate
    responseRate
    lost {
      cause
      ms
    }
    lateness {
      ...PercentileFields
    }
    providerLatency {
      ...PercentileFields
    }
  }
}
    fragment PercentileFields on Percentiles {
  average
  p50
  p95
  p99
  max
}
fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}`) as unknown as TypedDocumentString<StatsQuery, StatsQueryVariables>;
export const HistoryDocument = /*#__PURE__*/ new TypedDocumentString(`
    query History($series: HistorySeries!, $filter: StatsFilter, $window: WindowInput, $bucket: Duration! = "1m") {
  history(series: $series, filter: $filter, window: $window, bucket: $bucket) {
    at
    values {
      name
      value
    }
  }
}
    `) as unknown as TypedDocumentString<HistoryQuery, HistoryQueryVariables>;
export const HealthDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Health {
  health {
    healthy
    reasons {
      code
      message
    }
    checkedAt
  }
}
    `) as unknown as TypedDocumentString<HealthQuery, HealthQueryVariables>;
export const QueueStatsDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription QueueStats($after: String, $minInterval: Duration) {
  queueStats(after: $after, minInterval: $minInterval) {
    id
    cursor
    occurredAt
    snapshot
    queues {
      name
      paused
      maxInFlight
      counts {
        ...CountFields
      }
    }
  }
}
    fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}`) as unknown as TypedDocumentString<QueueStatsSubscription, QueueStatsSubscriptionVariables>;
export const DeliveryStatsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query DeliveryStats($from: DateTime!, $to: DateTime!, $filter: StatsFilter) {
  deliveryStats(from: $from, to: $to, filter: $filter) {
    from
    to
    sent
    successful
    failed
    averageDeliveryTimeMs
    responseRate
  }
}
    `) as unknown as TypedDocumentString<DeliveryStatsQuery, DeliveryStatsQueryVariables>;
export const QueuesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Queues {
  queues {
    name
    paused
    maxInFlight
    counts {
      ...CountFields
    }
  }
}
    fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}`) as unknown as TypedDocumentString<QueuesQuery, QueuesQueryVariables>;
export const QueueDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Queue($name: String!) {
  queue(name: $name) {
    name
    paused
    maxInFlight
    counts {
      ...CountFields
    }
  }
}
    fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}`) as unknown as TypedDocumentString<QueueQuery, QueueQueryVariables>;
export const PauseQueueDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation PauseQueue($input: PauseQueueInput!) {
  pauseQueue(input: $input) {
    queue {
      name
      paused
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<PauseQueueMutation, PauseQueueMutationVariables>;
export const ResumeQueueDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ResumeQueue($input: ResumeQueueInput!) {
  resumeQueue(input: $input) {
    queue {
      name
      paused
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<ResumeQueueMutation, ResumeQueueMutationVariables>;
export const CleanQueueDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation CleanQueue($input: CleanQueueInput!) {
  cleanQueue(input: $input) {
    matched
    cancelled
    dryRun
    run {
      ...RunFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<CleanQueueMutation, CleanQueueMutationVariables>;
export const RunMaintenanceDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation RunMaintenance($input: RunMaintenanceInput!) {
  runMaintenance(input: $input) {
    run {
      ...RunFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<RunMaintenanceMutation, RunMaintenanceMutationVariables>;
export const CleanupDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation Cleanup($input: CleanupInput!) {
  cleanup(input: $input) {
    matched
    deleted
    dryRun
    run {
      ...RunFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<CleanupMutation, CleanupMutationVariables>;
export const JobsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Jobs {
  jobs {
    id
    name
    nextAt
    lastAt
    lastError
    running
  }
}
    `) as unknown as TypedDocumentString<JobsQuery, JobsQueryVariables>;
export const TriggerJobDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation TriggerJob($input: TriggerJobInput!) {
  triggerJob(input: $input) {
    job {
      id
      name
      nextAt
      lastAt
      lastError
      running
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<TriggerJobMutation, TriggerJobMutationVariables>;
export const ChannelsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Channels {
  channels {
    channel
    provider
    breaker
    consecutiveFailures
    retryAt
    stopped
    perSecond
    perDay
    perRecipientMs
    zone
    usedToday
  }
}
    `) as unknown as TypedDocumentString<ChannelsQuery, ChannelsQueryVariables>;
export const ResumeChannelDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ResumeChannel($input: ResumeChannelInput!) {
  resumeChannel(input: $input) {
    channel {
      channel
      breaker
      stopped
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<ResumeChannelMutation, ResumeChannelMutationVariables>;
export const ApiKeysDocument = /*#__PURE__*/ new TypedDocumentString(`
    query ApiKeys {
  apiKeys {
    id
    prefix
    name
    owner
    role
    createdAt
    expiresAt
    revokedAt
    lastUsedAt
  }
}
    `) as unknown as TypedDocumentString<ApiKeysQuery, ApiKeysQueryVariables>;
export const CreateApiKeyDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    key
    apiKey {
      id
      prefix
      name
      owner
      role
      expiresAt
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<CreateApiKeyMutation, CreateApiKeyMutationVariables>;
export const RevokeApiKeyDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    apiKey {
      id
      revokedAt
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}`) as unknown as TypedDocumentString<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;
export const EraseRecipientDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation EraseRecipient($input: EraseRecipientInput!) {
  eraseRecipient(input: $input) {
    dryRun
    matched
    erased
    run {
      ...RunFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<EraseRecipientMutation, EraseRecipientMutationVariables>;
export const AuditDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Audit($filter: AuditFilter, $first: Int! = 50, $after: String) {
  audit(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      at
      owner
      role
      credential
      action
      outcome
      refused
      subjects
      subjectCount
      requestId
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<AuditQuery, AuditQueryVariables>;
export const PreviewScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    query PreviewSchedule($input: PreviewScheduleInput!) {
  previewSchedule(input: $input) {
    times {
      occurrence
      at
      local
      offsetMinutes
      asked
      flags
      movedFrom
      movedBecause
    }
    hasMore
    timezone
    zoneData
  }
}
    `) as unknown as TypedDocumentString<PreviewScheduleQuery, PreviewScheduleQueryVariables>;
export const RunDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Run($id: ID!) {
  run(id: $id) {
    ...RunFields
    progress {
      ...ProgressFields
    }
  }
}
    fragment PercentileFields on Percentiles {
  average
  p50
  p95
  p99
  max
}
fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}
fragment ProgressFields on RunProgress {
  planned
  sent
  failed
  done
  onTimeRate
  finished
  counts {
    ...CountFields
  }
  lateness {
    ...PercentileFields
  }
  byTier {
    tier
    planned
    sent
    failed
    onTimeRate
  }
  lost {
    cause
    ms
  }
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<RunQuery, RunQueryVariables>;
export const RunsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Runs($filter: RunFilter, $first: Int! = 50, $after: String) {
  runs(filter: $filter, first: $first, after: $after) {
    nodes {
      ...RunFields
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}
fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}`) as unknown as TypedDocumentString<RunsQuery, RunsQueryVariables>;
export const CancelRunDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation CancelRun($input: CancelRunInput!) {
  cancelRun(input: $input) {
    run {
      ...RunFields
    }
    cancelling {
      ...RunFields
    }
    errors {
      ...ErrorFields
    }
  }
}
    fragment ErrorFields on UserError {
  code
  message
  path
  index
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<CancelRunMutation, CancelRunMutationVariables>;
export const RunProgressDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription RunProgress($run: ID!, $after: String, $minInterval: Duration) {
  runProgress(run: $run, after: $after, minInterval: $minInterval) {
    id
    cursor
    occurredAt
    snapshot
    run {
      ...RunFields
    }
    progress {
      ...ProgressFields
    }
  }
}
    fragment PercentileFields on Percentiles {
  average
  p50
  p95
  p99
  max
}
fragment CountFields on StateCounts {
  scheduled
  queued
  sending
  retrying
  sent
  delivered
  read
  responded
  failed
  deadLettered
  cancelled
  missed
}
fragment ProgressFields on RunProgress {
  planned
  sent
  failed
  done
  onTimeRate
  finished
  counts {
    ...CountFields
  }
  lateness {
    ...PercentileFields
  }
  byTier {
    tier
    planned
    sent
    failed
    onTimeRate
  }
  lost {
    cause
    ms
  }
}
fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<RunProgressSubscription, RunProgressSubscriptionVariables>;
export const JobEventsDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription JobEvents($after: String, $minInterval: Duration) {
  jobEvents(after: $after, minInterval: $minInterval) {
    id
    cursor
    occurredAt
    snapshot
    change
    runs {
      ...RunFields
    }
  }
}
    fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}`) as unknown as TypedDocumentString<JobEventsSubscription, JobEventsSubscriptionVariables>;
export const SlaDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Sla($policy: String) {
  sla(policy: $policy) {
    ...SlaFields
  }
}
    fragment ViolationFields on SlaViolation {
  id
  policy
  severity
  open
  openedAt
  updatedAt
  closedAt
  windowFrom
  windowTo
  target
  rate
  worstRate
  good
  bad
  offenders {
    latenessMs
    state
    reason
    delivery {
      id
      to
      queue
      channel
    }
  }
}
fragment SlaFields on Sla {
  policy {
    name
    queue
    program
    tier
    target
    targetLatenessMs
    windowMs
    warningBelow
    criticalBelow
  }
  status
  windowFrom
  windowTo
  good
  bad
  rate
  overdue
  waiting
  dueSoon
  reasons
  budget {
    periodFrom
    allowed
    spent
    left
    burnShort
    burnLong
  }
  forecast {
    expectedMisses
    finish
    limitedBy
  }
  violation {
    ...ViolationFields
  }
  evaluatedAt
  validUntil
}`) as unknown as TypedDocumentString<SlaQuery, SlaQueryVariables>;
export const WaveForecastsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query WaveForecasts {
  waveForecasts {
    ...WaveForecastFields
  }
}
    fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}
fragment WaveForecastFields on WaveForecast {
  run {
    ...RunFields
  }
  planned
  done
  finish
  deadline
  onTime
  limitedBy
}`) as unknown as TypedDocumentString<WaveForecastsQuery, WaveForecastsQueryVariables>;
export const SlaViolationsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query SlaViolations($first: Int! = 50, $after: String) {
  slaViolations(first: $first, after: $after) {
    nodes {
      ...ViolationFields
    }
    pageInfo {
      ...PageFields
    }
  }
}
    fragment PageFields on PageInfo {
  hasNextPage
  hasPreviousPage
  startCursor
  endCursor
}
fragment ViolationFields on SlaViolation {
  id
  policy
  severity
  open
  openedAt
  updatedAt
  closedAt
  windowFrom
  windowTo
  target
  rate
  worstRate
  good
  bad
  offenders {
    latenessMs
    state
    reason
    delivery {
      id
      to
      queue
      channel
    }
  }
}`) as unknown as TypedDocumentString<SlaViolationsQuery, SlaViolationsQueryVariables>;
export const SlaUpdatedDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription SlaUpdated($after: String, $minInterval: Duration) {
  slaUpdated(after: $after, minInterval: $minInterval) {
    id
    cursor
    occurredAt
    snapshot
    slas {
      ...SlaFields
    }
    waves {
      ...WaveForecastFields
    }
  }
}
    fragment RunFields on Run {
  id
  owner
  program
  type
  occurrence
  status
  startedAt
  endedAt
  window {
    from
    to
  }
  scheduled
  skipped
  failed
  matched
  changed
  remarks {
    subject
    code
    message
  }
  error
}
fragment ViolationFields on SlaViolation {
  id
  policy
  severity
  open
  openedAt
  updatedAt
  closedAt
  windowFrom
  windowTo
  target
  rate
  worstRate
  good
  bad
  offenders {
    latenessMs
    state
    reason
    delivery {
      id
      to
      queue
      channel
    }
  }
}
fragment SlaFields on Sla {
  policy {
    name
    queue
    program
    tier
    target
    targetLatenessMs
    windowMs
    warningBelow
    criticalBelow
  }
  status
  windowFrom
  windowTo
  good
  bad
  rate
  overdue
  waiting
  dueSoon
  reasons
  budget {
    periodFrom
    allowed
    spent
    left
    burnShort
    burnLong
  }
  forecast {
    expectedMisses
    finish
    limitedBy
  }
  violation {
    ...ViolationFields
  }
  evaluatedAt
  validUntil
}
fragment WaveForecastFields on WaveForecast {
  run {
    ...RunFields
  }
  planned
  done
  finish
  deadline
  onTime
  limitedBy
}`) as unknown as TypedDocumentString<SlaUpdatedSubscription, SlaUpdatedSubscriptionVariables>;
export const SlaViolationChangesDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription SlaViolationChanges($after: String, $minInterval: Duration) {
  slaViolations(after: $after, minInterval: $minInterval) {
    id
    cursor
    occurredAt
    snapshot
    change
    violations {
      ...ViolationFields
    }
  }
}
    fragment ViolationFields on SlaViolation {
  id
  policy
  severity
  open
  openedAt
  updatedAt
  closedAt
  windowFrom
  windowTo
  target
  rate
  worstRate
  good
  bad
  offenders {
    latenessMs
    state
    reason
    delivery {
      id
      to
      queue
      channel
    }
  }
}`) as unknown as TypedDocumentString<SlaViolationChangesSubscription, SlaViolationChangesSubscriptionVariables>;