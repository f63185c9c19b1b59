"""The CronJob controller: a Job at each time of a schedule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.workloads.cron_schedule import MANY, look_again, most_recent
from aiops.lab.control.workloads.cronjob_jobs import (
    CronJobs,
    active,
    finished_as,
    job_name,
    job_of,
    place_of,
    reference,
    without,
)
from aiops.lab.control.workloads.owning import controlled_by
from aiops.lab.control.workloads.pods import is_terminating
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.checks.schedules import Schedule, parse_schedule
from aiops.lab.kube.objects import Key, controller_of, deleting, key_of, uid_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

Status = dict[str, Any]


class CronJobController(Controller):
    """Starts the Jobs of CronJobs, and forgets old ones."""

    account = "cronjob-controller"
    hears = ("CronJob", "Job")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._events = events
        self._client = ControllerClient(store)
        self._jobs = CronJobs(store, events)
        self._rescheduled: set[Key] = set()

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "CronJob" and write.type != "DELETED":
            if write.old is not None and _times(write.old) != _times(write.new):
                self._rescheduled.add(key_of(write.new))
            yield key_of(write.new)
        elif write.kind == "Job":
            for item in (write.new, write.old):
                owner = controller_of(item) if item is not None else None
                if owner and owner["kind"] == "CronJob":
                    yield write.new["metadata"]["namespace"], owner["name"]

    def sync(self, key: Key) -> float | None:
        cron_job = self._store.find("CronJob", *key)
        rescheduled = key in self._rescheduled
        self._rescheduled.discard(key)
        if cron_job is None:
            return None
        if rescheduled and (timing := self._timing(cron_job)) is not None:
            # A new schedule holds from its next time on; runs that it would have had before are none.
            return look_again(cron_job, *timing, self._store.now())
        status: Status = dict(cron_job.get("status") or {})
        jobs = self._jobs.of(cron_job)
        self._jobs.clean_up(cron_job, jobs, status)
        self._look_at(cron_job, jobs, status)
        failure, moment = None, None
        try:
            moment = self._start(cron_job, status)
        except ApiError as error:
            failure = error
        self._client.update_status(cron_job, {name: value for name, value in status.items() if value})
        if failure is not None:
            raise failure
        return moment

    def _look_at(self, cron_job: Manifest, jobs: list[Manifest], status: Status) -> None:
        """Note the Jobs that have ended, turned up or gone."""
        for job in jobs:
            name, listed, how = job["metadata"]["name"], active(status, uid_of(job)), finished_as(job)
            if not how and not listed:
                text = f"Saw a job that the controller did not create or forgot: {name}"
                self._events.record(cron_job, WARNING, "UnexpectedJob", text)
            if how and listed:
                without(status, uid_of(job))
                self._events.record(cron_job, NORMAL, "SawCompletedJob", f"Saw completed job: {name}, condition: {how}")
            ended = (job.get("status") or {}).get("completionTime")
            if how == "Complete" and ended:
                status["lastSuccessfulTime"] = max(ended, status.get("lastSuccessfulTime") or ended)
        known = {uid_of(job) for job in jobs}
        for entry in list(status.get("active") or ()):
            uid, (namespace, name) = entry.get("uid", ""), place_of(entry)
            if uid not in known and self._store.find("Job", namespace, name) is None:
                self._events.record(cron_job, NORMAL, "MissingJob", f"Active job went missing: {name}")
                without(status, uid)

    def _timing(self, cron_job: Manifest) -> tuple[Schedule, ZoneInfo] | None:
        """Schedule and time zone; None after an Event where one of them is of no use."""
        name = cron_job["spec"].get("timeZone")
        try:
            zone = ZoneInfo(name or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            text = f'invalid timeZone: "{name}": unknown time zone {name}'
            self._events.record(cron_job, WARNING, "UnknownTimeZone", text)
            return None
        schedule = cron_job["spec"]["schedule"]
        try:
            return parse_schedule(schedule), zone
        except InvalidInputError as error:
            text = f'unparseable schedule: "{schedule}" : {error}'
            self._events.record(cron_job, WARNING, "UnparseableSchedule", text)
            return None

    def _start(self, cron_job: Manifest, status: Status) -> float | None:
        """Start the Job that is due. Returns when the next one is. Raises `ApiError`."""
        spec, now = cron_job["spec"], self._store.now()
        timing = None if deleting(cron_job) or spec.get("suspend") else self._timing(cron_job)
        if timing is None:
            return None
        seen = {**cron_job, "status": status}
        due = most_recent(seen, *timing, now, deadline=True)
        if due.moment is not None and self._may_start(seen, due.moment, due.missed, now):
            if spec.get("concurrencyPolicy") == "Replace":
                self._jobs.replace(cron_job, status)
            self._create(cron_job, status, due.moment, timing[1])
        return look_again({**cron_job, "status": status}, *timing, now)

    def _may_start(self, cron_job: Manifest, moment: float, missed: int, now: float) -> bool:
        spec, status = cron_job["spec"], cron_job["status"]
        if missed > MANY:
            text = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
            self._events.record(cron_job, WARNING, "TooManyMissedTimes", text)
        seconds = spec.get("startingDeadlineSeconds")
        if seconds is not None and moment + seconds < now:
            when = datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
            self._events.record(cron_job, WARNING, "MissSchedule", f"Missed scheduled time to start a job: {when}")
            return False
        running = status.get("active") or ()
        last = status.get("lastScheduleTime")
        if any(place_of(entry)[1] == job_name(cron_job, moment) for entry in running):
            return False
        if last and from_rfc3339(last) == moment:
            return False
        if spec.get("concurrencyPolicy") == "Forbid" and running:
            text = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._events.record(cron_job, NORMAL, "JobAlreadyActive", text)
            return False
        return True

    def _create(self, cron_job: Manifest, status: Status, moment: float, zone: ZoneInfo) -> None:
        wanted = job_of(cron_job, moment, zone)
        try:
            job = self._client.create(wanted)
        except ApiError as error:
            there = self._store.find("Job", *key_of(wanted))
            if error.reason != "AlreadyExists" or there is None:
                if not is_terminating(error):
                    self._events.record(cron_job, WARNING, "FailedCreate", f"Error creating job: {error}")
                raise
            if not controlled_by(there, cron_job) or active(status, uid_of(there)):
                return
            job = there
        else:
            text = f"Created job {job['metadata']['name']}"
            self._events.record(cron_job, NORMAL, "SuccessfulCreate", text)
        status["active"] = [*(status.get("active") or ()), reference(job)]
        status["lastScheduleTime"] = rfc3339(moment)


def _times(cron_job: Manifest) -> tuple[str, str | None]:
    return cron_job["spec"]["schedule"], cron_job["spec"].get("timeZone")
