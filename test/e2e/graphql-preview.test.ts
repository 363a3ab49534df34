import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PreviewScheduleDocument, type PreviewScheduleInput, type PreviewScheduleQuery } from '#sdk';
import { query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';

const NEW_YORK = 'America/New_York';

let system: System;
let users: Users;
let viewer: User;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
  users = new Users(system.url, system.core);
  viewer = await users.make('vera', 'VIEWER');
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

async function preview(input: PreviewScheduleInput): Promise<PreviewScheduleQuery['previewSchedule']> {
  return (await viewer.request(PreviewScheduleDocument, { input })).previewSchedule;
}

/** A year that is ahead for long; what its clocks do is what the rules of today say. */
const local = (date: string, timezone: string): PreviewScheduleInput['at'] => ({
  local: `2099-${date}`,
  timezone,
});

describe('previewSchedule', () => {
  it('API-6 shows the instant, the offset, and what the clock did to it', async () => {
    // The second Sunday of March 2099 is the 8th.
    expect(await preview({ at: local('03-08T02:30', NEW_YORK) })).toEqual({
      times: [
        {
          occurrence: 1,
          at: '2099-03-08T07:30:00.000Z',
          local: '2099-03-08T03:30:00',
          offsetMinutes: -240,
          asked: '2099-03-08T02:30:00',
          flags: ['GAP'],
          movedFrom: null,
          movedBecause: null,
        },
      ],
      hasMore: false,
      timezone: NEW_YORK,
      zoneData: process.versions['tz'],
    });
    const at = { ...local('11-01T01:30', NEW_YORK), overlap: 'SECOND' } as const;
    expect((await preview({ at })).times).toMatchObject([
      { at: '2099-11-01T06:30:00.000Z', offsetMinutes: -300, flags: ['OVERLAP'] },
    ]);
  });

  it('CORE-11 CORE-12 09:00 stays 09:00, the 31st stays the 31st, and the business hours move it, with reasons', async () => {
    const { times, hasMore } = await preview({
      at: local('01-31T09:00', NEW_YORK),
      recurrence: { frequency: 'MONTHLY' },
      businessHours: { start: '10:00', holidays: ['2099-03-31'] },
      count: 3,
    });
    expect(hasMore).toBe(true);
    expect(times).toEqual([
      {
        occurrence: 1,
        asked: '2099-01-31T09:00:00',
        local: '2099-02-02T10:00:00',
        at: '2099-02-02T15:00:00.000Z',
        offsetMinutes: -300,
        flags: ['MOVED_BY_BUSINESS_HOURS'],
        movedFrom: '2099-01-31T14:00:00.000Z',
        movedBecause: 'CLOSED_DAY',
      },
      {
        occurrence: 2,
        asked: '2099-02-28T09:00:00',
        local: '2099-03-02T10:00:00',
        at: '2099-03-02T15:00:00.000Z',
        offsetMinutes: -300,
        flags: ['CLAMPED', 'MOVED_BY_BUSINESS_HOURS'],
        movedFrom: '2099-02-28T14:00:00.000Z',
        movedBecause: 'CLOSED_DAY',
      },
      {
        occurrence: 3,
        asked: '2099-03-31T09:00:00',
        local: '2099-04-01T10:00:00',
        at: '2099-04-01T14:00:00.000Z',
        offsetMinutes: -240,
        flags: ['MOVED_BY_BUSINESS_HOURS'],
        movedFrom: '2099-03-31T13:00:00.000Z',
        movedBecause: 'HOLIDAY',
      },
    ]);
  });

  it('API-5 CORE-12 takes RRULE and cron; both end where they say', async () => {
    const rrule = 'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3\nEXDATE:20990107';
    const byRule = await preview({ at: local('01-01T09:00', 'Asia/Kolkata'), recurrence: { rrule } });
    expect(byRule).toMatchObject({
      times: [
        { occurrence: 1, local: '2099-01-05T09:00:00' },
        { occurrence: 3, local: '2099-01-12T09:00:00' },
      ],
      hasMore: false,
    });
    const byCron = await preview({
      at: local('01-01T09:00', 'Asia/Kolkata'),
      recurrence: { cron: '0 18 * * 5', endDate: '2099-01-09' },
      count: 100,
    });
    expect(byCron.times.map((time) => time.at)).toEqual([
      '2099-01-02T12:30:00.000Z',
      '2099-01-09T12:30:00.000Z',
    ]);
  });

  const at = local('01-01T09:00', 'Asia/Kolkata');
  it.each<[string, string, object]>([
    ['VALIDATION_ERROR', 'count', { at, count: 101 }],
    ['VALIDATION_ERROR', 'count', { at, count: 0 }],
    ['VALIDATION_ERROR', 'at', { at: {} }],
    ['INVALID_TIMEZONE', 'at.timezone', { at: local('01-01T09:00', 'Mars/Olympus') }],
    ['INVALID_SCHEDULED_TIME', 'at.local', { at: { local: '2001-01-01T09:00', timezone: 'UTC' } }],
    ['VALIDATION_ERROR', 'recurrence', { at, recurrence: {} }],
    ['VALIDATION_ERROR', 'recurrence.rrule', { at, recurrence: { rrule: 'FREQ=NEVER' } }],
    ['VALIDATION_ERROR', 'recurrence.cron', { at, recurrence: { cron: 'now and then' } }],
    [
      'VALIDATION_ERROR',
      'at.overlap',
      { at: { ...at, overlap: 'SECOND' }, recurrence: { frequency: 'DAILY' } },
    ],
    ['INVALID_TIMEZONE', 'businessHours.timezone', { at, businessHours: { timezone: 'nowhere' } }],
    ['VALIDATION_ERROR', 'businessHours.start', { at, businessHours: { start: '9am' } }],
    ['VALIDATION_ERROR', 'businessHours.holidayCalendar', { at, businessHours: { holidayCalendar: 'x' } }],
    ['VALIDATION_ERROR', 'recurrence.rrule', { at, recurrence: { rrule: 'X'.repeat(2_001) } }],
  ])('API-2 answers %s with the field %s', async (code, field, input) => {
    const text = 'query ($input: PreviewScheduleInput!) { previewSchedule(input: $input) { hasMore } }';
    const answer = await query(system.url, viewer.key, text, { input });
    expect(answer.body.errors?.[0]?.extensions).toMatchObject({ code, field });
    expect(answer.body.data?.['previewSchedule']).toBeUndefined();
  });
});
