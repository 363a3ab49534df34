import type { EntitySchema } from '@mikro-orm/core';
import { ApiKey } from './access/api-key.entity.js';
import { AuditEntry } from './access/audit.entity.js';
import { Alert } from './alerts/alert.entity.js';
import { Notice } from './alerts/notice.entity.js';
import { Attempt } from './delivery/attempt.entity.js';
import { Delivery } from './delivery/delivery.entity.js';
import { ChannelState } from './dispatch/channel-state.entity.js';
import { Queue } from './dispatch/queue.entity.js';
import { Worker } from './dispatch/worker.entity.js';
import { Event } from './events/event.entity.js';
import { JobState } from './schedule/job-state.entity.js';
import { Run } from './schedule/run.entity.js';
import { SlaViolation } from './sla/violation.entity.js';
import { WatchTurn } from './watch.js';
import { RollUpMark } from './stats/roll-up.js';
import { Tally } from './stats/tally.entity.js';

/** The core's collections; programs bring their own. */
export const CORE_ENTITIES: readonly EntitySchema[] = [
  Delivery,
  Attempt,
  Event,
  Tally,
  RollUpMark,
  SlaViolation,
  Run,
  Queue,
  ChannelState,
  Worker,
  JobState,
  ApiKey,
  AuditEntry,
  Alert,
  Notice,
  WatchTurn,
];
