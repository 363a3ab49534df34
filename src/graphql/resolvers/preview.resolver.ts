import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import {
  preview,
  PunctualError,
  readBusinessHours,
  readRecurrence,
  wallMsOf,
  ZONE_DATA_VERSION,
} from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { readWhen, requireFuture, type WhenInput } from '../../schema/when.input.js';
import { MOST_TIMES, PreviewScheduleInput } from './preview.input.js';
import { SchedulePreviewType } from './preview.type.js';

/** CORE-11, CORE-12, API-6: what the rules of time would make of a schedule. Nothing is stored. */
@Resolver()
export class PreviewResolver {
  @Query(() => SchedulePreviewType, {
    description: 'When a schedule would fire, and which rules of time made it so. Nothing is scheduled.',
  })
  async previewSchedule(
    @Arg('input', () => PreviewScheduleInput, { description: 'The schedule.' }) input: PreviewScheduleInput,
    @Ctx() { core }: Context,
  ): Promise<SchedulePreviewType> {
    const { at, recurrence, businessHours, count } = input;
    if (count < 1 || count > MOST_TIMES)
      throw new PunctualError('VALIDATION_ERROR', `must be 1 to ${MOST_TIMES}`, { path: 'count' });
    const when = readWhen(at, 'at', core.clock);
    requireFuture(when, core.clock);
    const { dueAt, wall, flag, timezone } = when;
    const wallMs = wallMsOf(wall);
    if (recurrence) requireUsualPolicies(at);
    const plan = {
      zone: timezone,
      first: { at: dueAt.getTime(), flag, wallMs },
      recurrence: recurrence ? readRecurrence(recurrence, wallMs, 'recurrence') : null,
      hours: businessHours ? readBusinessHours(businessHours, timezone, 'businessHours') : null,
    };
    return new SchedulePreviewType(await preview(plan, count), timezone, ZONE_DATA_VERSION);
  }
}

/** CORE-12 says what a recurrence does in a gap and in an overlap. @throws VALIDATION_ERROR */
function requireUsualPolicies({ gap, overlap }: WhenInput): void {
  const field = gap !== 'FORWARD' ? 'gap' : overlap !== 'FIRST' ? 'overlap' : null;
  if (field === null) return;
  const problem = 'a recurrence moves forward over a gap and fires at the first of two';
  throw new PunctualError('VALIDATION_ERROR', problem, { path: `at.${field}` });
}
