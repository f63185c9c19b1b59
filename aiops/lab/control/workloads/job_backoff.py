"""How long a Job waits after failures: 10 s, doubled each time, at most 10 minutes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.objects import annotations_of, condition

FIRST_DELAY, LONGEST_DELAY = 10.0, 600.0
"""Seconds."""

FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count"


@dataclass(frozen=True, slots=True)
class BackoffRecord:
    """Failures since the last success, and the moment of the last one (unix seconds)."""

    failures: int = 0
    last: float = 0.0

    def after(self, succeeded: list[Manifest], failed: list[Manifest]) -> BackoffRecord:
        """The record once more pods have ended."""
        ends = sorted(finished_at(pod) for pod in failed)
        if not succeeded:
            return replace(self, failures=self.failures + len(ends), last=ends[-1]) if ends else self
        success = max(finished_at(pod) for pod in succeeded)
        later = [moment for moment in ends if moment > success]
        return BackoffRecord(len(later), later[-1]) if later else BackoffRecord()

    def until(self, now: float) -> float | None:
        """When the next pod may be started; None where it may be now."""
        return next_try(self.failures, self.last, now)


def next_try(failures: int, last: float, now: float) -> float | None:
    """When to try again after so many failures, the last one at `last`; None where it may be now."""
    if not failures:
        return None
    moment = last + min(FIRST_DELAY * 2.0 ** min(failures - 1, 30), LONGEST_DELAY)
    return moment if moment > now else None


def next_try_of_index(failed: Manifest | None, now: float) -> float | None:
    """The same for the pod of one index, whose failures its annotations count."""
    if failed is None:
        return None
    return next_try(count(failed, FAILURES) + count(failed, IGNORED_FAILURES) + 1, finished_at(failed), now)


def count(pod: Manifest, annotation: str) -> int:
    """The number in one of the annotations that count an index's failures."""
    text = annotations_of(pod).get(annotation, "")
    return int(text) if text.isdecimal() and int(text) < 2**31 else 0


def finished_at(pod: Manifest) -> float:
    """When a pod ended, as well as its status tells (unix seconds)."""
    if (ended := _containers_ended(pod)) is not None:
        return ended
    ready = condition(pod, "Ready")
    if ready is not None and ready["status"] == "False" and ready.get("lastTransitionTime"):
        return from_rfc3339(ready["lastTransitionTime"])
    metadata = pod["metadata"]
    if "deletionTimestamp" in metadata:
        return from_rfc3339(metadata["deletionTimestamp"]) - float(metadata.get("deletionGracePeriodSeconds", 0))
    return from_rfc3339(metadata["creationTimestamp"])


def _containers_ended(pod: Manifest) -> float | None:
    status = pod.get("status", {})
    sidecars = {c["name"] for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy") == "Always"}
    side = [entry for entry in status.get("initContainerStatuses") or () if entry["name"] in sidecars]
    ends = []
    for entry in (*(status.get("containerStatuses") or ()), *side):
        text = ((entry.get("state") or {}).get("terminated") or {}).get("finishedAt")
        if not text:
            return None
        ends.append(from_rfc3339(text))
    return max(ends, default=None)
