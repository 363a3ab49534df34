import { DateTime as Luxon } from 'luxon';
import { Field, InputType, registerEnumType } from 'type-graphql';
import {
  checkZone,
  type Clock,
  type GapPolicy,
  type OverlapPolicy,
  parseDuration,
  PunctualError,
  type ResolvedTime,
  resolveWallTime,
  type WallTime,
  wallTimeAt,
} from '../core/index.js';
import { DateTime, Duration, readDateTime, TimeZone } from './scalars.js';

const GapPolicyEnum: Record<GapPolicy, GapPolicy> = {
  FORWARD: 'FORWARD',
  BACKWARD: 'BACKWARD',
  REJECT: 'REJECT',
};
registerEnumType(GapPolicyEnum, {
  name: 'GapPolicy',
  description: 'What happens to a local time that the clock skips that day.',
  valuesConfig: {
    FORWARD: { description: 'Later by the length of the gap: 02:30 becomes 03:30.' },
    BACKWARD: { description: 'Earlier by the length of the gap: 02:30 becomes 01:30.' },
    REJECT: { description: 'INVALID_SCHEDULED_TIME.' },
  },
});

const OverlapPolicyEnum: Record<OverlapPolicy, OverlapPolicy> = {
  FIRST: 'FIRST',
  SECOND: 'SECOND',
  REJECT: 'REJECT',
};
registerEnumType(OverlapPolicyEnum, {
  name: 'OverlapPolicy',
  description: 'Which instant a local time means that the clock shows twice that day.',
  valuesConfig: {
    FIRST: { description: 'The earlier.' },
    SECOND: { description: 'The later.' },
    REJECT: { description: 'INVALID_SCHEDULED_TIME.' },
  },
});

@InputType('WhenInput', {
  description: 'A time in the future (API-6): exactly one of `instant`, `local` and `after`.',
})
export class WhenInput {
  @Field(() => DateTime, { nullable: true, description: 'An instant.' })
  instant?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A local time as `2026-11-24T06:00` or `2026-11-24T06:00:30`, without an offset; `timezone` is then required.',
  })
  local?: string | null;

  @Field(() => Duration, { nullable: true, description: 'So long from now.' })
  after?: string | null;

  @Field(() => TimeZone, {
    nullable: true,
    description:
      "The recipient's zone. It says what `local` means; with the others it is only kept. UTC when omitted.",
  })
  timezone?: string | null;

  @Field(() => GapPolicyEnum, {
    defaultValue: 'FORWARD',
    description: 'For a `local` time that does not exist that day.',
  })
  gap!: GapPolicy;

  @Field(() => OverlapPolicyEnum, {
    defaultValue: 'FIRST',
    description: 'For a `local` time that exists twice that day.',
  })
  overlap!: OverlapPolicy;
}

/** A time as the engine takes it. */
export interface When {
  readonly dueAt: Date;
  /** What the zone's clocks are asked to show: `local`, or what they show at the instant. */
  readonly wall: WallTime;
  /** Set when `local` did not exist, or existed twice. */
  readonly flag: ResolvedTime['flag'];
  /** What was written, as one string: the same request again says the same. */
  readonly askedFor: string;
  /** The field that says it, within the input: `at.instant`. */
  readonly dueAtPath: string;
  readonly timezone: string;
}

/** @throws INVALID_SCHEDULED_TIME */
export function requireFuture({ dueAt, dueAtPath }: When, clock: Clock): void {
  if (dueAt.getTime() > clock.now()) return;
  throw new PunctualError('INVALID_SCHEDULED_TIME', `${dueAt.toISOString()} is in the past`, {
    path: dueAtPath,
  });
}

/**
 * Reads a time, past or not.
 * @param path of the input, as `at`
 * @throws INVALID_TIMEZONE, INVALID_SCHEDULED_TIME (unreadable, refused gap or overlap), VALIDATION_ERROR
 */
export function readWhen(input: WhenInput, path: string, clock: Clock): When {
  const given = (['instant', 'local', 'after'] as const).filter((name) => input[name] != null);
  const [field] = given;
  if (field === undefined || given.length > 1) {
    const what = given.length === 0 ? 'none is given' : `${given.join(' and ')} are given`;
    throw new PunctualError(
      'VALIDATION_ERROR',
      `exactly one of instant, local and after is needed; ${what}`,
      { path },
    );
  }
  const timezone = input.timezone == null ? 'UTC' : checkZone(input.timezone, `${path}.timezone`);
  const { dueAt, wall, flag } =
    input.local == null
      ? instantOf(input, path, timezone, clock)
      : resolveLocal(input.local, input, path, timezone);
  const { instant, local, after, gap, overlap } = input;
  const askedFor = JSON.stringify([instant ?? null, local ?? null, after ?? null, timezone, gap, overlap]);
  return { dueAt, wall, flag, dueAtPath: `${path}.${field}`, timezone, askedFor };
}

type Found = Pick<When, 'dueAt' | 'wall' | 'flag'>;

function instantOf(input: WhenInput, path: string, timezone: string, clock: Clock): Found {
  const dueAt =
    input.after == null
      ? readDateTime(input.instant ?? '', `${path}.instant`)
      : inRange(clock.now() + parseDuration(input.after, `${path}.after`), `${path}.after`);
  return { dueAt, wall: wallTimeAt(dueAt.getTime(), timezone), flag: null };
}

function resolveLocal(local: string, input: WhenInput, path: string, timezone: string): Found {
  if (input.timezone == null) {
    throw new PunctualError('VALIDATION_ERROR', 'a local time needs a timezone', {
      path: `${path}.timezone`,
    });
  }
  const wall = readWallTime(local, `${path}.local`);
  try {
    const { at, flag } = resolveWallTime(wall, timezone, input.gap, input.overlap);
    return { dueAt: new Date(at), wall, flag };
  } catch (error) {
    if (!(error instanceof PunctualError)) throw error;
    throw new PunctualError(error.code, error.message, { path: `${path}.local`, cause: error });
  }
}

/** JavaScript's Date ends with the year 275760; we end with the year 9999, as ISO 8601's four digits do. */
function inRange(ms: number, path: string): Date {
  if (ms > Date.UTC(9999, 11, 31))
    throw new PunctualError('INVALID_SCHEDULED_TIME', 'is after the year 9999', { path });
  return new Date(Math.ceil(ms));
}

function readWallTime(text: string, path: string): WallTime {
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text)
    ? Luxon.fromISO(text, { zone: 'utc' })
    : null;
  if (!local?.isValid) {
    const shown = JSON.stringify(text.slice(0, 32));
    throw new PunctualError(
      'INVALID_SCHEDULED_TIME',
      `${shown} is not a local time like "2026-11-24T06:00"`,
      { path },
    );
  }
  const { year, month, day, hour, minute, second } = local;
  return { year, month, day, hour, minute, second };
}
