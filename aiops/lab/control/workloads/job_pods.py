"""How a Job gets as many pods as it wants, and rid of those that it does not."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.events import EventRecorder
from aiops.lab.control.workloads.batches import in_batches
from aiops.lab.control.workloads.deletion_rank import by_deletion_rank
from aiops.lab.control.workloads.job_backoff import FAILURES, IGNORED_FAILURES, count, next_try_of_index
from aiops.lab.control.workloads.job_indexes import ANNOTATION, UNKNOWN, Indexes, index_of, indexes
from aiops.lab.control.workloads.job_look import Look
from aiops.lab.control.workloads.job_policies import rule_on
from aiops.lab.control.workloads.job_spec import (
    FINALIZER,
    completions,
    is_indexed,
    is_suspended,
    is_tracked,
    limits_each_index,
    replaces_only_failed,
)
from aiops.lab.control.workloads.pace import BURST, Pace
from aiops.lab.control.workloads.pods import PodControl, is_ready, is_terminating_pod, pod_from_template
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import key_of, uid_of, with_metadata
from aiops.lab.kube.storage.store import ObjectStore

_NAME = 58
"""Characters before the random ones of a generated name."""

_ENV = "JOB_COMPLETION_INDEX"


class JobPods:
    """Creates and deletes the pods of Jobs. What it does is counted in the look."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._control = PodControl(store, events)
        self._pace = Pace()

    def manage(self, look: Look, active: int) -> tuple[int, float | None, ApiError | None]:
        """Bring the number of pods to what is wanted: how many are active then, when to look again, what failed."""
        if (moment := self._pace.free_at(key_of(look.job), look.now)) is not None:
            return active, moment, None
        wanted = 0 if is_suspended(look.job) else _wanted(look, active)
        surplus = _surplus(look, max(active - wanted, 0))[:BURST]
        if surplus or is_suspended(look.job):
            removed, failure = self.delete(look, surplus, release=True)
            self._pace.spent(key_of(look.job), removed, look.now)
            return active - removed, None, failure
        leaving = look.terminating if replaces_only_failed(look.job) else 0
        missing = wanted - leaving - active
        if missing <= 0:
            return active, None, None
        return self._create(look, active, missing)

    def _create(self, look: Look, active: int, missing: int) -> tuple[int, float | None, ApiError | None]:
        per_index = limits_each_index(look.job)
        if not per_index and (moment := look.record.until(look.now)) is not None:
            return active, moment, None
        numbers = [UNKNOWN] * min(missing, BURST)
        if is_indexed(look.job):
            numbers = _pending(look, min(missing, BURST))
            tries = [(number, next_try_of_index(look.held.get(number), look.now)) for number in numbers]
            numbers = [number for number, moment in tries if moment is None]
            if tries and not numbers:
                return active, min(moment for _, moment in tries if moment is not None), None
        made: list[Manifest] = []

        def create(number: int) -> None:
            if (pod := self._control.create(look.job, _pod(look, number))) is not None:
                made.append(pod)

        failure = in_batches(numbers, create)
        self._pace.spent(key_of(look.job), len(made), look.now)
        return active + len(made), None, failure

    def delete(self, look: Look, pods: list[Manifest], *, release: bool) -> tuple[int, ApiError | None]:
        """Delete pods; with `release` they will not be counted. Returns how many went."""
        removed, failure = 0, None
        for pod in pods:
            try:
                if release:
                    self.release(pod)
                self._control.delete(look.job, pod)
            except ApiError as error:
                failure = failure or error
                continue
            removed += 1
            look.ready -= is_ready(pod)
        look.terminating += removed
        return removed, failure

    def release(self, pod: Manifest) -> None:
        """Take the Job's finalizer off a pod, where it is still there."""
        there = self._store.find("Pod", *key_of(pod))
        if there is None or uid_of(there) != uid_of(pod) or not is_tracked(there):
            return
        rest = [entry for entry in there["metadata"]["finalizers"] if entry != FINALIZER]
        self._client.update(with_metadata(there, finalizers=rest or None))


def _wanted(look: Look, active: int) -> int:
    parallelism = int(look.job["spec"].get("parallelism", 1))
    total = look.job["spec"].get("completions")
    if total is None:
        return active if look.succeeded else parallelism
    return max(min(int(total) - look.succeeded, parallelism), 0)


def _surplus(look: Look, count_: int) -> list[Manifest]:
    """The active pods to delete: of an index with several all but the best one, then by rank."""
    doubled, left = _doubled(look) if is_indexed(look.job) else ([], look.active)
    rest = count_ - len(doubled)
    return [*doubled, *by_deletion_rank(left, [], look.now)[:rest]] if rest > 0 else doubled


def _doubled(look: Look) -> tuple[list[Manifest], list[Manifest]]:
    by_index: dict[int, list[Manifest]] = {}
    for pod in sorted(look.active, key=index_of):
        by_index.setdefault(index_of(pod), []).append(pod)
    surplus, left = [], []
    for index, pods in by_index.items():
        if not 0 <= index < completions(look.job):
            surplus.extend(pods)
            continue
        ranked = by_deletion_rank(pods, [], look.now)
        surplus.extend(ranked[:-1])
        left.append(ranked[-1])
    return surplus, left


def _pending(look: Look, most: int) -> list[int]:
    """The first indexes that have no pod and need one."""
    taken = look.done | indexes(index_of(pod) for pod in look.active if index_of(pod) != UNKNOWN)
    if replaces_only_failed(look.job):
        taken |= indexes(index_of(p) for p in look.pods if is_terminating_pod(p) and index_of(p) != UNKNOWN)
    return (taken | (look.given_up or Indexes())).missing(most, completions(look.job))


def _pod(look: Look, index: int) -> Manifest:
    """A pod of the Job, for an index where there is one."""
    job = look.job
    pod = pod_from_template(job, job["spec"]["template"])
    metadata: dict[str, Any] = pod["metadata"]
    finalizers = metadata.get("finalizers") or []
    metadata["finalizers"] = finalizers if FINALIZER in finalizers else [*finalizers, FINALIZER]
    if index == UNKNOWN:
        return pod
    behind = f"-{index}-"
    metadata["generateName"] = job["metadata"]["name"][: _NAME - len(behind)] + behind
    metadata["labels"] = {**(metadata.get("labels") or {}), ANNOTATION: str(index)}
    metadata["annotations"] = {**(metadata.get("annotations") or {}), ANNOTATION: str(index)}
    if limits_each_index(job):
        metadata["annotations"] |= _failures(look, index)
    spec = {**pod["spec"], "hostname": f"{job['metadata']['name']}-{index}"}
    for field in ("initContainers", "containers"):
        if spec.get(field):
            spec[field] = [_with_index(container) for container in spec[field]]
    return {**pod, "spec": spec}


def _with_index(container: Manifest) -> Manifest:
    env = container.get("env") or []
    if any(entry["name"] == _ENV for entry in env):
        return container
    source = {"fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.labels['{ANNOTATION}']"}}
    return {**container, "env": [*env, {"name": _ENV, "valueFrom": source}]}


def _failures(look: Look, index: int) -> dict[str, str]:
    """How often the index has failed before this pod."""
    before = look.held.get(index)
    if before is None:
        return {FAILURES: "0"}
    counts = rule_on(look.job, before).counts
    ignored = count(before, IGNORED_FAILURES) + (not counts)
    found = {FAILURES: str(count(before, FAILURES) + counts)}
    return {**found, IGNORED_FAILURES: str(ignored)} if ignored else found
