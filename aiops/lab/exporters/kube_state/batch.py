"""kube-state-metrics of Jobs and CronJobs."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.facts import STATES, counts, created, moment, owners

_JOB_SPEC = {
    "completions": "completions",
    "parallelism": "parallelism",
    "active_deadline_seconds": "activeDeadlineSeconds",
}
_JOB_STATUS = {"active": "active", "succeeded": "succeeded", "failed": "failed"}


def job_metrics(job: Manifest) -> Iterator[Metric]:
    """`kube_job_*` of one Job."""
    meta, spec, status = job["metadata"], job["spec"], job.get("status") or {}
    labels = {"namespace": meta["namespace"], "job_name": meta["name"]}
    yield "kube_job_info", labels, 1.0
    yield from created("job", labels, job)
    yield from owners("kube_job_owner", labels, job)
    for suffix, field in _JOB_SPEC.items():
        if spec.get(field) is not None:
            yield f"kube_job_spec_{suffix}", labels, float(spec[field])
    yield from counts("kube_job_status", labels, _JOB_STATUS, status)
    yield from moment("kube_job_status_start_time", labels, status.get("startTime"))
    yield from moment("kube_job_status_completion_time", labels, status.get("completionTime"))
    for condition in status.get("conditions") or ():
        name = {"Complete": "kube_job_complete", "Failed": "kube_job_failed"}.get(condition["type"])
        for state in STATES if name else ():
            yield str(name), {**labels, "condition": state}, float(condition["status"].lower() == state)


def cronjob_metrics(cronjob: Manifest) -> Iterator[Metric]:
    """`kube_cronjob_*` of one CronJob."""
    meta, spec, status = cronjob["metadata"], cronjob["spec"], cronjob.get("status") or {}
    labels = {"namespace": meta["namespace"], "cronjob": meta["name"]}
    policy = {"schedule": spec["schedule"], "concurrency_policy": spec.get("concurrencyPolicy", "Allow")}
    yield "kube_cronjob_info", {**labels, **policy}, 1.0
    yield from created("cronjob", labels, cronjob)
    yield "kube_cronjob_spec_suspend", labels, float(bool(spec.get("suspend")))
    yield "kube_cronjob_status_active", labels, float(len(status.get("active") or ()))
    if status.get("lastScheduleTime"):
        yield "kube_cronjob_status_last_schedule_time", labels, from_rfc3339(status["lastScheduleTime"])
    yield from moment("kube_cronjob_status_last_successful_time", labels, status.get("lastSuccessfulTime"))
