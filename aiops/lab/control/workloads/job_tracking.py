"""How a Job counts each pod that ended exactly once: first by uid in its status, then without the pod's finalizer."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.workloads.job_backoff import BackoffRecord
from aiops.lab.control.workloads.job_indexes import index_of, indexes
from aiops.lab.control.workloads.job_look import FAILURE, SUCCESS, Look, new_condition
from aiops.lab.control.workloads.job_pods import JobPods
from aiops.lab.control.workloads.job_policies import rule_on
from aiops.lab.control.workloads.job_spec import has_failed, is_indexed, is_tracked
from aiops.lab.control.workloads.pods import phase
from aiops.lab.kube.objects import Key, deleting, key_of, uid_of
from aiops.lab.kube.storage.store import ObjectStore

MOST_UNCOUNTED = 500
"""Pods that one look counts at most."""

_OPTIONAL = ("active", "succeeded", "failed", "completedIndexes")


class JobTracking:
    """Writes the status of Jobs, and lets their pods go."""

    def __init__(self, store: ObjectStore, pods: JobPods, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._pods = pods
        self._events = events
        self._records: dict[Key, BackoffRecord] = {}

    def record(self, key: Key) -> BackoffRecord:
        return self._records.get(key, BackoffRecord())

    def forget(self, key: Key) -> None:
        self._records.pop(key, None)

    def track(self, look: Look) -> None:
        """Count the pods that ended, and end the Job where the look's verdict says so. Raises `ApiError`."""
        _count_released(look, {uid_of(pod) for pod in look.pods if is_tracked(pod)})
        ended = self._note_ended(look)
        if is_indexed(look.job):
            _write_indexes(look)
        verdict = _announced(look)
        if self._write(look):
            self._records[key_of(look.job)] = look.record
        for pod in ended:
            self._pods.release(pod)
        gone = {uid_of(pod) for pod in ended}
        _count_released(look, {uid_of(p) for p in look.pods if is_tracked(p)} - gone)
        finished = verdict is not None and len(ended) < MOST_UNCOUNTED and _ends(look, verdict)
        self._write(look)
        if finished and verdict is not None:
            self._tell(look, verdict)

    def _note_ended(self, look: Look) -> list[Manifest]:
        """Put the pods that ended into the status by uid. Returns those whose finalizer can go."""
        ended = []
        uncounted: dict[str, Any] = dict(look.status["uncountedTerminatedPods"])
        for pod in sorted(look.pods, key=index_of) if is_indexed(look.job) else look.pods:
            failed = has_failed(look.job, pod)
            if not is_tracked(pod) or not _can_release(look, pod, failed=failed):
                continue
            ended.append(pod)
            if how := _how_counted(look, pod, failed=failed):
                known = uncounted.get(how) or []
                uncounted[how] = known if uid_of(pod) in known else [*known, uid_of(pod)]
            if len(ended) >= MOST_UNCOUNTED:
                break
        look.status["uncountedTerminatedPods"] = uncounted
        return ended

    def _write(self, look: Look) -> bool:
        """Write the status where it changed. Was there a change?"""
        wanted = {name: value for name, value in look.status.items() if value or name not in _OPTIONAL}
        before = look.job
        look.job = self._client.update_status(look.job, wanted)
        return look.job is not before

    def _tell(self, look: Look, verdict: dict[str, Any]) -> None:
        if verdict["type"] != "Complete":
            self._events.record(look.job, WARNING, verdict["reason"], verdict["message"])
            return
        total = look.job["spec"].get("completions")
        if total is not None and look.status.get("succeeded", 0) > total:
            text = "Too many succeeded pods running after completion count reached"
            self._events.record(look.job, WARNING, "TooManySucceededPods", text)
        self._events.record(look.job, NORMAL, "Completed", "Job completed")


def _can_release(look: Look, pod: Manifest, *, failed: bool) -> bool:
    if deleting(look.job) or look.verdict is not None or phase(pod) == "Succeeded":
        return True
    held = look.held.get(index_of(pod))
    return failed and (held is None or uid_of(held) != uid_of(pod))


def _how_counted(look: Look, pod: Manifest, *, failed: bool) -> str:
    """`succeeded`, `failed`, or empty where the pod counts for nothing or by its index."""
    if phase(pod) == "Succeeded" and uid_of(pod) not in look.uncounted("failed"):
        return "" if is_indexed(look.job) else "succeeded"
    ends_failed = look.verdict is not None and look.verdict["type"] != SUCCESS
    if not (failed or ends_failed) or not look.counts_index(pod):
        return ""
    return "failed" if rule_on(look.job, pod).counts else ""


def _count_released(look: Look, tracked: set[str]) -> None:
    """Count those of the uids in the status whose pods have lost their finalizer."""
    uncounted = dict(look.status["uncountedTerminatedPods"])
    for how in ("succeeded", "failed"):
        known = uncounted.pop(how, None) or []
        left = [uid for uid in known if uid in tracked]
        if left:
            uncounted[how] = left
        if len(left) < len(known):
            look.status[how] = look.status.get(how, 0) + len(known) - len(left)
    look.status["uncountedTerminatedPods"] = uncounted


def _write_indexes(look: Look) -> None:
    tracked = [pod for pod in look.pods if is_tracked(pod) and phase(pod) == "Succeeded" and look.counts_index(pod)]
    look.done |= indexes(index_of(pod) for pod in tracked)
    look.status["succeeded"] = len(look.done)
    look.status["completedIndexes"] = str(look.done)
    if look.given_up is not None:
        look.status["failedIndexes"] = str(look.given_up)


def _announced(look: Look) -> dict[str, Any] | None:
    """Note the verdict as a condition; returns the one that will end the Job once its pods are gone."""
    verdict = look.verdict
    if verdict is None:
        return None
    entries = list(look.status.get("conditions") or ())
    if verdict["type"] in (SUCCESS, FAILURE):
        if not any(entry["type"] == verdict["type"] for entry in entries):
            look.status["conditions"] = [*entries, verdict]
        kind = "Complete" if verdict["type"] == SUCCESS else "Failed"
        return new_condition(kind, verdict["reason"], verdict["message"], look.now)
    return verdict


def _ends(look: Look, verdict: dict[str, Any]) -> bool:
    """End the Job, unless pods of it are still to be counted or to go."""
    if any(look.status["uncountedTerminatedPods"].values()) or look.terminating > 0:
        return False
    others = [entry for entry in look.status.get("conditions") or () if entry["type"] != verdict["type"]]
    look.status["conditions"] = [*others, verdict]
    if verdict["type"] == "Complete":
        look.status["completionTime"] = verdict["lastTransitionTime"]
    return True
