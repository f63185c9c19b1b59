"""Which run of a CronJob is due, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.workloads.cron_times import next_time
from aiops.lab.kube.kinds.checks.schedules import Schedule

DELTA = 0.1
"""Seconds after its time at which a run is started."""

MANY = 100
"""More missed runs than this are told of."""


@dataclass(frozen=True, slots=True)
class Due:
    """The run that is due (unix seconds; None: none), and how many were missed up to it."""

    since: float
    moment: float | None
    missed: int


def most_recent(cron_job: Manifest, schedule: Schedule, zone: ZoneInfo, now: float, *, deadline: bool) -> Due:
    """The last run that should have started by now, as `mostRecentScheduleTime` finds it.

    With `deadline` runs from before `startingDeadlineSeconds` are not looked at.
    """
    status, spec = cron_job.get("status") or {}, cron_job["spec"]
    since = from_rfc3339(status.get("lastScheduleTime") or cron_job["metadata"]["creationTimestamp"])
    if deadline and spec.get("startingDeadlineSeconds") is not None:
        since = max(since, now - spec["startingDeadlineSeconds"])
    first = next_time(schedule, zone, since)
    if first is None or now < first:
        return Due(since, None, 0)
    second = next_time(schedule, zone, first)
    if second is None or now < second:
        return Due(since, first, 0)
    gap = int(second - first)
    missed = int(now - first) // gap + 1
    return Due(since, _last_before(schedule, zone, first + (missed - 2) * gap, now), missed)


def _last_before(schedule: Schedule, zone: ZoneInfo, start: float, now: float) -> float | None:
    last = None
    moment = next_time(schedule, zone, start)
    while moment is not None and moment <= now:
        last = moment
        moment = next_time(schedule, zone, moment)
    return last


def look_again(cron_job: Manifest, schedule: Schedule, zone: ZoneInfo, now: float) -> float | None:
    """When the next run starts; None where there is none."""
    due = most_recent(cron_job, schedule, zone, now, deadline=False)
    since = due.moment
    if since is None:
        since = now if due.missed else due.since
    moment = next_time(schedule, zone, since)
    return None if moment is None else moment + DELTA
