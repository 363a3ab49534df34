import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { type Core, parseDuration } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { requireRole } from '../../schema/roles.js';
import { Takes } from '../../schema/takes.js';
import { asPayload } from '../../schema/user-error.js';
import { readWhen, requireFuture, type WhenInput } from '../../schema/when.input.js';
import { dailyContentOf } from './runtime.js';
import { ScheduleDailyInput, ScheduleDailyPayload, WaveType } from './wave.type.js';
import type { WaveRequest } from './window.js';

@Resolver()
export class WaveResolver {
  @Takes('programs:write')
  @Mutation(() => ScheduleDailyPayload, {
    description:
      'Plans a wave: every active advisor with content gets a delivery in the window, PRO first. Planning it again adds what is missing and changes nothing else. Takes the role MANAGER.',
  })
  scheduleDaily(
    @Arg('input', () => ScheduleDailyInput, { description: 'Which wave.' }) input: ScheduleDailyInput,
    @Ctx() context: Context,
  ): Promise<ScheduleDailyPayload> {
    return asPayload(ScheduleDailyPayload, async () => {
      requireRole(context.caller, 'MANAGER');
      const request = requestOf(input, context);
      const { wave, scheduled, alreadyPlanned, skipped, failed, remarks } = await dailyContentOf(
        context,
      ).waves.schedule(context.caller.owner, request);
      return { wave: new WaveType(wave), scheduled, alreadyPlanned, skipped, failed, remarks };
    });
  }

  @Query(() => WaveType, {
    nullable: true,
    description: "A wave of the caller's; null when none was planned.",
  })
  async wave(
    @Arg('occurrence', () => String, {
      description: 'Its occurrence: the date, as `2026-11-23`, for the wave of a day.',
    })
    occurrence: string,
    @Ctx() context: Context,
  ): Promise<WaveType | null> {
    const found = await dailyContentOf(context).waves.ofOccurrence(context.caller.owner, occurrence);
    return found && new WaveType(found);
  }
}

function requestOf({ date, at, window }: ScheduleDailyInput, { core }: Context): WaveRequest {
  return {
    ...(date == null ? {} : { date }),
    ...(at == null ? {} : { at: futureInstant(at, core) }),
    ...(window == null
      ? {}
      : { beforeMs: spread(window.before, 'window.before'), afterMs: spread(window.after, 'window.after') }),
  };
}

function futureInstant(at: WhenInput, core: Core): number {
  const when = readWhen(at, 'at', core.clock);
  requireFuture(when, core.clock);
  return when.dueAt.getTime();
}

function spread(text: string | null | undefined, path: string): number {
  return text == null ? 0 : parseDuration(text, path);
}
