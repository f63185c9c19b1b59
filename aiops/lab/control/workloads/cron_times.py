"""When a schedule is due next, in a time zone, with its clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from aiops.lab.kube.kinds.checks.schedules import Schedule

HOUR, MINUTE = 3600, 60
YEARS = 5
"""A schedule that is not due for so long never is (30 February)."""

END_OF_TIME = datetime(9990, 1, 1, tzinfo=UTC).timestamp()
"""Nothing is due from here on (unix seconds): dates end with the year 9999."""


def next_time(schedule: Schedule, zone: ZoneInfo, after: float) -> float | None:
    """The first moment after `after` (unix seconds) at which the schedule is due; None where it never is.

    As the `cron` package that Kubernetes uses: hours that a clock change leaves out are no times, and those that it
    repeats are two.
    """
    if after >= END_OF_TIME:
        return None
    if schedule.every:
        return float(int(after) + schedule.every)
    moment = int(after) // MINUTE * MINUTE + MINUTE
    last_year = _local(moment, zone).year + YEARS
    while (local := _local(moment, zone)).year <= last_year:
        if local.month not in schedule.months:
            moment = _midnight(_next_month(local), zone)
        elif not _day_matches(schedule, local):
            moment = _midnight(local + timedelta(days=1), zone)
        elif local.hour not in schedule.hours:
            moment += HOUR - local.minute * MINUTE - local.second
        elif local.minute not in schedule.minutes:
            moment += MINUTE
        else:
            return float(moment)
    return None


def _local(moment: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment, zone)


def _midnight(day: datetime, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _next_month(day: datetime) -> datetime:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _day_matches(schedule: Schedule, day: datetime) -> bool:
    in_month, in_week = day.day in schedule.days, day.isoweekday() % 7 in schedule.weekdays
    if schedule.any_day or schedule.any_weekday:
        return in_month and in_week
    return in_month or in_week
