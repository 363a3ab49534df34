import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { SlaReport, SlaViolationDoc } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { toGlobalId } from '../schema/ids.js';
import { requireRole } from '../schema/roles.js';
import { leavable, requireCaller } from './event-feed.js';
import { recordedFeed } from './recorded-feed.js';
import { SlaUpdatedEvent } from './resolvers/sla-updated.type.js';
import { slaTypes, type Told, waveTypes } from './resolvers/sla.type.js';
import { SlaViolationEvent, type ViolationChange } from './resolvers/violation-event.type.js';
import { SlaViolationType } from './resolvers/violation.type.js';
import { readInterval, type ResumeArgs } from './subscription-event.type.js';

/** The standings are looked at this often: seconds are what the SLA counts in. */
const LOOK_MS = 1_000;
/** They are told this often though nothing has changed, so that silence means something. */
const HEARTBEAT_MS = 5_000;
/** A slow network and a busy server may need so long on top. */
const GRACE_MS = 5_000;

/** Until when a look may be believed where the next comes within `intervalMs`; real time. */
export function told(context: Context, intervalMs: number): Told {
  const at = context.core.clock.realNow();
  return { at: new Date(at), until: new Date(at + Math.max(intervalMs, HEARTBEAT_MS) + GRACE_MS) };
}

/**
 * How the service levels stand, whenever that changes, and at least every five seconds. It is a state and not a series of
 * events: whoever resumes is told how it stands now. Takes the role OPERATOR.
 * @throws FORBIDDEN, VALIDATION_ERROR; from the iterator: UNAUTHENTICATED
 */
export function slaUpdates(
  context: Context,
  { after, minInterval }: ResumeArgs,
): AsyncIterable<SlaUpdatedEvent> {
  requireRole(context.caller, 'OPERATOR');
  const intervalMs = Math.max(LOOK_MS, readInterval(minInterval, LOOK_MS));
  return leavable(context.signal, async function* (signal) {
    let last = { figures: '', at: Number.NEGATIVE_INFINITY };
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      await requireCaller(context);
      const report = await context.core.sla.report();
      const figures = JSON.stringify(changing(report));
      if (figures !== last.figures || performance.now() - last.at >= HEARTBEAT_MS) {
        last = { figures, at: performance.now() };
        yield slaEvent(context, report, intervalMs, isFirst && after == null);
      }
      await delay(intervalMs, null, { signal }).catch(() => null);
    }
  });
}

/** Violations as they open, change and close. Takes the role OPERATOR. @throws FORBIDDEN, VALIDATION_ERROR */
export function violationUpdates(context: Context, resume: ResumeArgs): AsyncIterable<SlaViolationEvent> {
  requireRole(context.caller, 'OPERATOR');
  const { violations } = context.core;
  return recordedFeed<SlaViolationDoc, ViolationChange, SlaViolationEvent>(
    context,
    {
      changes: {
        'sla.violation_opened': 'OPENED',
        'sla.violation_updated': 'UPDATED',
        'sla.violation_closed': 'CLOSED',
      },
      snapshot: () => violations.open(),
      read: ({ data }) => Promise.resolve(data as SlaViolationDoc | null),
      idOf: ({ _id }) => _id.toHexString(),
      tell: (header, change, docs) =>
        new SlaViolationEvent(
          header,
          change,
          docs.map((doc) => new SlaViolationType(doc)),
        ),
    },
    resume,
    readInterval(resume.minInterval, 0),
  );
}

function slaEvent(
  context: Context,
  report: SlaReport,
  intervalMs: number,
  snapshot: boolean,
): SlaUpdatedEvent {
  const cursor = context.core.events.cursor();
  const header = {
    id: toGlobalId('Sla', `${cursor}-${report.at}`),
    cursor,
    occurredAt: new Date(report.at),
    snapshot,
  };
  return new SlaUpdatedEvent(header, slaTypes(report, told(context, intervalMs)), waveTypes(report));
}

/** What is worth telling: not that the window has moved on. */
function changing({ standings, waves }: SlaReport): unknown {
  return [
    standings.map(({ window: _window, policy: _policy, ...figures }) => figures),
    waves.map(({ run, ...figures }) => ({ run: run._id, status: run.status, ...figures })),
  ];
}
