import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { IANAZone } from 'luxon';
import { occurrences } from '../../src/core/time/occurrences.js';
import { readRecurrence } from '../../src/core/time/recurrence.js';
import type { Frequency } from '../../src/core/time/simple-rule.js';
import { ZONE_DATA_VERSION } from '../../src/core/time/zone-data.js';

/*
 * Our instants against those of Python's zoneinfo, which knows nothing of ours: scripts/zone-oracle.py writes them.
 * A zone that Node's data has otherwise than Python's is told apart from one that we reckon wrong: its offsets around
 * its changes already differ.
 */

/** Frequency, interval, the wall time of the beginning, and the instants in s: the first in full, then the steps. */
type Case = readonly [Frequency, number, string, readonly number[]];

interface Change {
  readonly at: number;
  /** Minutes, before and after. */
  readonly offsets: readonly [number, number];
  readonly cases: readonly Case[];
}

interface Zone {
  readonly name: string;
  /** At the beginning of the time that is looked at, in minutes. */
  readonly offset: number;
  /** Rules that begin at 09:00 on the 31st of January 2024. */
  readonly plain: readonly Case[];
  readonly changes: readonly Change[];
}

interface Oracle {
  readonly zoneData: string;
  readonly from: number;
  readonly groups: readonly (Omit<Zone, 'name'> & { readonly zones: readonly string[] })[];
}

const oracle = JSON.parse(
  gunzipSync(readFileSync('test/data/zone-changes.json.gz')).toString('utf8'),
) as Oracle;
const zones: readonly Zone[] = oracle.groups.flatMap(({ zones: names, ...group }) =>
  names.map((name) => ({ name, ...group })),
);

/** True where Node has the zone as Python has it. */
function hasSameData({ name, offset, changes }: Zone): boolean {
  const iana = IANAZone.create(name);
  return (
    iana.isValid &&
    iana.offset(oracle.from * 1_000) === offset &&
    changes.every(
      ({ at, offsets }) =>
        iana.offset((at - 1) * 1_000) === offsets[0] && iana.offset(at * 1_000) === offsets[1],
    )
  );
}

/** The cases of a zone whose instants are not the oracle's, in words. */
function differences({ name, plain, changes }: Zone): string[] {
  const cases = [...plain, ...changes.flatMap((change) => change.cases)];
  return cases.flatMap(([frequency, interval, start, [first = NaN, ...steps]]) => {
    const expected = steps.reduce((all, step) => [...all, (all.at(-1) ?? NaN) + step], [first]);
    const recurrence = readRecurrence({ frequency, interval }, Date.parse(`${start}Z`), 'recurrence');
    const found = occurrences(recurrence, name, null, expected.length).map(({ at }) => at / 1_000);
    return String(found) === String(expected)
      ? []
      : [`${name} ${frequency} from ${start}: ${String(found)}, not ${String(expected)}`];
  });
}

const otherData = zones.filter((zone) => !hasSameData(zone)).map(({ name }) => name);
const comparable = zones.filter(({ name }) => !otherData.includes(name));

describe(`CORE-12 every offset change of 2024 to 2030, against zoneinfo ${oracle.zoneData}`, () => {
  it('CORE-10 the data of Node and of the oracle are the same, or their versions say that they are not', () => {
    if (ZONE_DATA_VERSION !== oracle.zoneData && otherData.length > 0) {
      const versions = `Node has ${ZONE_DATA_VERSION}, the oracle ${oracle.zoneData}`;
      process.stderr.write(`${versions}: not compared: ${otherData.join(', ')}\n`);
    }
    if (ZONE_DATA_VERSION === oracle.zoneData) expect(otherData).toEqual([]);
    // The oracle is of use only where it can be compared.
    expect(comparable.length).toBeGreaterThan(0.9 * zones.length);
  });

  it.each([
    ['Australia/Lord_Howe', 14],
    // It has not changed its clock since 2021; the day that it left out is in core-local-time.test.ts.
    ['Pacific/Apia', 0],
    ['Africa/Casablanca', 6],
    ['Africa/Cairo', 14],
    ['Asia/Gaza', 14],
  ])(
    'CORE-12 daily, weekly and monthly rules in, before and after each change: %s, %d changes or more',
    (name, changes) => {
      const zone = zones.find((z) => z.name === name);
      expect(zone?.changes.length).toBeGreaterThanOrEqual(changes);
      expect(zone && differences(zone)).toEqual([]);
    },
  );

  const areas = new Map<string, Zone[]>();
  for (const zone of comparable) {
    const area = zone.name.includes('/') ? zone.name.replace(/\/.*/, '') : 'without an area';
    areas.set(area, [...(areas.get(area) ?? []), zone]);
  }

  it('CORE-12 the oracle knows changes enough', () => {
    expect(comparable.reduce((sum, zone) => sum + zone.changes.length, 0)).toBeGreaterThan(2_500);
  });

  it.each([...areas.keys()])(
    'CORE-12 daily, weekly and monthly rules in, before and after each change: every zone, %s',
    (area) => {
      expect(areas.get(area)?.flatMap(differences)).toEqual([]);
    },
  );
});
