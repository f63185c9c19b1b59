"""What a Job asks for, with the values that hold where it leaves something out."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.pods import phase
from aiops.lab.kube.objects import deleting

FINALIZER = "batch.kubernetes.io/job-tracking"
UNLIMITED = 2**31 - 1
FINISHED = ("Complete", "Failed")


def is_suspended(job: Manifest) -> bool:
    return bool(job["spec"].get("suspend"))


def is_indexed(job: Manifest) -> bool:
    return bool(job["spec"].get("completionMode") == "Indexed")


def completions(job: Manifest) -> int:
    """Of an Indexed Job, which always says it."""
    return int(job["spec"]["completions"])


def limits_each_index(job: Manifest) -> bool:
    return job["spec"].get("backoffLimitPerIndex") is not None


def backoff_limit(job: Manifest) -> int:
    return int(job["spec"].get("backoffLimit", UNLIMITED if limits_each_index(job) else 6))


def replaces_only_failed(job: Manifest) -> bool:
    """Does a pod that ends still count as running until it has failed?"""
    policy = job["spec"].get("podReplacementPolicy")
    return bool(policy == "Failed" or (policy is None and job["spec"].get("podFailurePolicy")))


def is_tracked(pod: Manifest) -> bool:
    """Has the Job not counted this pod yet?"""
    return FINALIZER in (pod["metadata"].get("finalizers") or ())


def has_failed(job: Manifest, pod: Manifest) -> bool:
    """Failed, or ends before it succeeded."""
    if phase(pod) == "Failed":
        return True
    return not replaces_only_failed(job) and deleting(pod) and phase(pod) != "Succeeded"


def is_finished_job(job: Manifest) -> bool:
    entries = (job.get("status") or {}).get("conditions") or ()
    return any(entry["type"] in FINISHED and entry["status"] == "True" for entry in entries)
