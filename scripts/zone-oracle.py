#!/usr/bin/env python3
"""
Writes test/data/zone-changes.json.gz: what Python's zoneinfo says about every change of every IANA zone's offset in
2024 to 2030. test/unit/core-zone-oracle.test.ts compares our instants with it.

For each change there are five wall times of day (a minute before what the clock skips or repeats, its beginning,
middle, last minute, and end), and for each of them a daily, a weekly and a monthly rule that meets the change at its
second time. Each zone, also one that changes nothing, has such rules from the 31st of January 2024 on besides, through the
short months. zoneinfo reads a wall time with fold=0 as we do by default: a skipped one is later by the gap, a repeated
one is the first.

    pip install tzdata==2026.3      # the version that `node -p process.versions.tz` names
    python3 scripts/zone-oracle.py
"""

import calendar
import gzip
import json
import zoneinfo
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import tzdata

FROM = datetime(2024, 1, 1, tzinfo=timezone.utc)
TO = datetime(2031, 1, 1, tzinfo=timezone.utc)
# No offset has been in force for less; a shorter step finds no more changes.
STEP = timedelta(days=2)
MINUTE = timedelta(minutes=1)
TIMES = 3

# Only the package: the machine's own zone files may be of another version.
zoneinfo.reset_tzpath([])


def offset(zone, instant):
    return instant.astimezone(zone).utcoffset()


def changes(zone):
    """The instants, to the second, at which the offset changes."""
    at = FROM
    while at < TO:
        low, high = at, min(at + STEP, TO)
        at = high
        if offset(zone, low) == offset(zone, high):
            continue
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
            if offset(zone, middle) == offset(zone, low):
                low = middle
            else:
                high = middle
        yield high


def instant(zone, wall):
    return int(wall.replace(tzinfo=zone, fold=0).timestamp())


def months_before(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return year, month + 1


def case(zone, frequency, interval, walls):
    instants = [instant(zone, wall) for wall in walls]
    # The first in full, then the seconds to the next.
    steps = [b - a for a, b in zip(instants, instants[1:])]
    return [frequency, interval, walls[0].isoformat(), [instants[0], *steps]]


def daily(zone, start, days, times):
    walls = [start + timedelta(days=days * n) for n in range(times)]
    return case(zone, "WEEKLY", days // 7, walls) if days % 7 == 0 else case(zone, "DAILY", days, walls)


def monthly(zone, start, months, times):
    walls = []
    for n in range(times):
        year, month = months_before(start.date(), -months * n)
        day = min(start.day, calendar.monthrange(year, month)[1])
        walls.append(datetime.combine(date(year, month, day), start.time()))
    return case(zone, "MONTHLY", months, walls)


def month_start(wall):
    """The nearest time before with the same day of the month, and how many months before."""
    months = 1
    while True:
        year, month = months_before(wall.date(), months)
        if wall.day <= calendar.monthrange(year, month)[1]:
            return datetime.combine(date(year, month, wall.day), wall.time()), months
        months += 1


def cases(zone, change):
    before, after = offset(zone, change - timedelta(seconds=1)), offset(zone, change)
    naive = change.replace(tzinfo=None)
    low, high = sorted((naive + before, naive + after))
    for wall in (low - MINUTE, low, low + (high - low) / 2, high - MINUTE, high):
        yield daily(zone, wall - timedelta(days=1), 1, TIMES)
        yield daily(zone, wall - timedelta(days=7), 7, TIMES)
        yield monthly(zone, *month_start(wall), TIMES)


def answer(zone):
    found = []
    for change in changes(zone):
        before, after = offset(zone, change - timedelta(seconds=1)), offset(zone, change)
        found.append(
            {
                "at": int(change.timestamp()),
                "offsets": [int(o.total_seconds()) // 60 for o in (before, after)],
                "cases": list(cases(zone, change)),
            }
        )
    start = datetime(2024, 1, 31, 9, 0)
    plain = [daily(zone, start, 1, 14), daily(zone, start, 7, 14), monthly(zone, start, 1, 14)]
    return {"offset": int(offset(zone, FROM).total_seconds()) // 60, "plain": plain, "changes": found}


groups = {}
# "Factory" is what a machine has whose zone was never set, and not a zone.
for name in sorted(zoneinfo.available_timezones() - {"Factory"}):
    found = answer(zoneinfo.ZoneInfo(name))
    groups.setdefault(json.dumps(found), (found, []))[1].append(name)

data = {
    "zoneData": tzdata.IANA_VERSION,
    "from": int(FROM.timestamp()),
    "to": int(TO.timestamp()),
    "groups": [{"zones": names, **found} for found, names in groups.values()],
}
target = Path(__file__).parent.parent / "test" / "data" / "zone-changes.json.gz"
# Without a time of its own, so that the same answers are the same file.
target.write_bytes(gzip.compress(json.dumps(data, separators=(",", ":")).encode(), mtime=0))
count = sum(len(g["zones"]) * len(g["changes"]) for g in data["groups"])
print(f"{target.name}: {data['zoneData']}, {len(groups)} groups of zones, {count} changes, {target.stat().st_size} bytes")
