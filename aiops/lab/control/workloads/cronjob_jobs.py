"""The Jobs of a CronJob: made from its template, listed while they run, deleted when they are old."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.workloads.job_spec import FINISHED
from aiops.lab.control.workloads.owning import owner_reference
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import Key, controller_of, key_of, uid_of
from aiops.lab.kube.storage.store import ObjectStore

SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
Status = dict[str, Any]


class CronJobs:
    """Finds and deletes the Jobs of CronJobs."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._events = events

    def of(self, cron_job: Manifest) -> list[Manifest]:
        """By name."""
        jobs = self._store.owned(uid_of(cron_job), "Job")
        found = [job for job in jobs if (controller_of(job) or {}).get("uid") == uid_of(cron_job)]
        return sorted(found, key=key_of)

    def clean_up(self, cron_job: Manifest, jobs: list[Manifest], status: Status) -> None:
        """Delete the oldest Jobs beyond the history's limits."""
        for how, field in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            limit = cron_job["spec"].get(field)
            ended = sorted((job for job in jobs if finished_as(job) == how), key=_started)
            for job in ended[: max(len(ended) - limit, 0)] if limit is not None else ():
                self._delete(cron_job, job, status)

    def replace(self, cron_job: Manifest, status: Status) -> None:
        """Delete the Jobs that run. Raises `ApiError`."""
        for entry in list(status.get("active") or ()):
            namespace, name = place_of(entry)
            job = self._store.find("Job", namespace, name)
            if job is None:
                error = ApiError(404, "NotFound", f'jobs.batch "{name}" not found')
                self._events.record(cron_job, WARNING, "FailedGet", f"Get job: {error}")
                raise error
            if not self._delete(cron_job, job, status):
                raise ApiError(500, "InternalError", f"could not replace job {'/'.join(key_of(job))}")

    def _delete(self, cron_job: Manifest, job: Manifest, status: Status) -> bool:
        try:
            self._client.delete("Job", key_of(job))
        except ApiError as error:
            self._events.record(cron_job, WARNING, "FailedDelete", f"Deleted job: {error}")
            return False
        without(status, uid_of(job))
        self._events.record(cron_job, NORMAL, "SuccessfulDelete", f"Deleted job {job['metadata']['name']}")
        return True


def finished_as(job: Manifest) -> str:
    """`Complete`, `Failed`, or empty for a Job that goes on."""
    entries = (job.get("status") or {}).get("conditions") or ()
    return next((str(e["type"]) for e in entries if e["type"] in FINISHED and e["status"] == "True"), "")


def active(status: Status, uid: str) -> bool:
    return any(entry.get("uid", "") == uid for entry in status.get("active") or ())


def without(status: Status, uid: str) -> None:
    """Take a Job off the list of those that run; `status` is changed."""
    status["active"] = [entry for entry in status.get("active") or () if entry.get("uid", "") != uid]


def place_of(entry: dict[str, str]) -> Key:
    """Where the Job of an entry of `status.active` is; every field of it may be missing."""
    return entry.get("namespace", ""), entry.get("name", "")


def reference(job: Manifest) -> dict[str, str]:
    metadata = job["metadata"]
    named = {field: metadata[field] for field in ("namespace", "name", "uid", "resourceVersion")}
    return {"kind": "Job", "apiVersion": "batch/v1", **named}


def job_name(cron_job: Manifest, moment: float) -> str:
    """With the minute of the run, so that no run is started twice."""
    return f"{cron_job['metadata']['name']}-{int(moment) // 60}"


def job_of(cron_job: Manifest, moment: float, zone: ZoneInfo) -> Manifest:
    """The Job of a run."""
    template, metadata = cron_job["spec"]["jobTemplate"], cron_job["metadata"]
    own = template.get("metadata") or {}
    local = datetime.fromtimestamp(moment, zone).isoformat()
    meta: dict[str, Any] = {
        "name": job_name(cron_job, moment),
        "namespace": metadata["namespace"],
        "annotations": {**(own.get("annotations") or {}), SCHEDULED: local.replace("+00:00", "Z")},
        "ownerReferences": [owner_reference(cron_job)],
    }
    if own.get("labels"):
        meta["labels"] = own["labels"]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": template["spec"]}


def _started(job: Manifest) -> tuple[bool, str, str]:
    started = (job.get("status") or {}).get("startTime")
    return started is None, started or "", job["metadata"]["name"]
