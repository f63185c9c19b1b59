"""One look at a Job: its pods, counted by how they are, and the verdict on the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.workloads.job_backoff import FAILURES, BackoffRecord, count, finished_at
from aiops.lab.control.workloads.job_indexes import Indexes, index_of, indexes, parse_indexes
from aiops.lab.control.workloads.job_policies import FAIL_INDEX, rule_on, success_message
from aiops.lab.control.workloads.job_spec import (
    UNLIMITED,
    backoff_limit,
    completions,
    has_failed,
    is_indexed,
    is_suspended,
    is_tracked,
    limits_each_index,
)
from aiops.lab.control.workloads.pods import is_active, is_ready, is_terminating_pod, phase
from aiops.lab.kube.objects import uid_of

Condition = dict[str, Any]
SUCCESS, FAILURE = "SuccessCriteriaMet", "FailureTarget"


@dataclass(slots=True)
class Look:
    """A Job at one moment. `status` is the working copy of its status; `verdict` the condition that ends it."""

    job: Manifest
    pods: list[Manifest]
    now: float
    status: dict[str, Any] = field(init=False)
    active: list[Manifest] = field(init=False)
    ready: int = field(init=False)
    terminating: int = field(init=False)
    succeeded: int = field(init=False)
    failed: int = field(init=False)
    record: BackoffRecord = field(default_factory=BackoffRecord)
    verdict: Condition | None = None
    done_before: Indexes = field(default_factory=Indexes)
    done: Indexes = field(default_factory=Indexes)
    given_up: Indexes | None = None
    held: dict[int, Manifest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.status = {"uncountedTerminatedPods": {}, **(self.job.get("status") or {})}
        self.active = [pod for pod in self.pods if is_active(pod)]
        self.ready = sum(is_ready(pod) for pod in self.active)
        self.terminating = sum(is_terminating_pod(pod) for pod in self.pods)
        self.succeeded = self.status.get("succeeded", 0) + len(self.new_succeeded) + len(self.uncounted("succeeded"))
        failed = [pod for pod in self.new_failed if rule_on(self.job, pod).counts]
        self.failed = self.status.get("failed", 0) + len(failed) + len(self.uncounted("failed"))

    def uncounted(self, how: str) -> list[str]:
        """The uids of pods that are in the status, but not yet in its counts."""
        return self.status["uncountedTerminatedPods"].get(how) or []

    @property
    def new_succeeded(self) -> list[Manifest]:
        return [pod for pod in self._new("succeeded") if phase(pod) == "Succeeded"]

    @property
    def new_failed(self) -> list[Manifest]:
        return [pod for pod in self._new("failed") if has_failed(self.job, pod)]

    def _new(self, how: str) -> list[Manifest]:
        known = self.uncounted(how)
        return [p for p in self.pods if is_tracked(p) and uid_of(p) not in known and self.counts_index(p)]

    def counts_index(self, pod: Manifest) -> bool:
        """Is the pod's index one of the Job's? Always so where it has none."""
        return not is_indexed(self.job) or 0 <= index_of(pod) < completions(self.job)

    # ---- the verdict

    def judge(self) -> float | None:
        """Find out whether the Job has ended. Returns when its deadline is, where that is still to come."""
        self.verdict = self._told_before() or self._policy_verdict()
        deadline = None
        if self.verdict is None:
            deadline = self._deadline()
            if self.failed > backoff_limit(self.job) or self._too_many_restarts():
                self._fail("BackoffLimitExceeded", "Job has reached the specified backoff limit")
            elif deadline is not None and deadline <= self.now:
                self._fail("DeadlineExceeded", "Job was active longer than specified deadline")
        if is_indexed(self.job):
            self._judge_indexes()
        return deadline

    def _told_before(self) -> Condition | None:
        """A verdict that the status has already; a Job that failed does not change its mind, either."""
        told = {entry["type"]: entry for entry in self.status.get("conditions") or () if entry["status"] == "True"}
        if SUCCESS in told:
            return dict(told[SUCCESS])
        if FAILURE in told:
            return new_condition("Failed", told[FAILURE].get("reason", ""), told[FAILURE].get("message", ""), self.now)
        return None

    def _policy_verdict(self) -> Condition | None:
        failed = (pod for pod in self.pods if has_failed(self.job, pod))
        message = next((text for text in (rule_on(self.job, pod).message for pod in failed) if text), "")
        return new_condition(FAILURE, "PodFailurePolicy", message, self.now) if message else None

    def _fail(self, reason: str, message: str) -> None:
        self.verdict = new_condition(FAILURE, reason, message, self.now)

    def _too_many_restarts(self) -> bool:
        """Where containers are restarted in place, their restarts count as failures."""
        if self.job["spec"]["template"]["spec"].get("restartPolicy") != "OnFailure":
            return False
        running = [pod["status"] for pod in self.pods if phase(pod) in ("Running", "Pending")]
        restarts = sum(
            entry.get("restartCount", 0)
            for status in running
            for name in ("initContainerStatuses", "containerStatuses")
            for entry in status.get(name) or ()
        )
        return bool(restarts >= max(backoff_limit(self.job), 1))

    def _deadline(self) -> float | None:
        seconds, started = self.job["spec"].get("activeDeadlineSeconds"), self.status.get("startTime")
        if seconds is None or not started or is_suspended(self.job):
            return None
        return from_rfc3339(started) + float(seconds)

    def _judge_indexes(self) -> None:
        end = completions(self.job)
        tracked = [pod for pod in self.pods if is_tracked(pod) and 0 <= index_of(pod) < end]
        self.done_before = parse_indexes(self.status.get("completedIndexes", ""), end)
        self.done = self.done_before | indexes(index_of(pod) for pod in tracked if phase(pod) == "Succeeded")
        self.succeeded = len(self.done)
        if limits_each_index(self.job):
            before = parse_indexes(self.status.get("failedIndexes") or "", end)
            self.given_up = before | indexes(index_of(pod) for pod in tracked if self._gives_up(pod))
            self._judge_given_up(len(self.given_up), end)
            self.held = self._held(tracked)
        if self.verdict is None and (message := success_message(self.job, self.done)):
            self.verdict = new_condition(SUCCESS, "SuccessPolicy", message, self.now)

    def _judge_given_up(self, given_up: int, end: int) -> None:
        if self.verdict is not None:
            return
        if given_up > self.job["spec"].get("maxFailedIndexes", UNLIMITED):
            text = "Job has exceeded the specified maximal number of failed indexes"
            self._fail("MaxFailedIndexesExceeded", text)
        elif given_up and given_up + len(self.done) >= end:
            self._fail("FailedIndexes", "Job has failed indexes")

    def _gives_up(self, pod: Manifest) -> bool:
        """Is the pod the last try of its index?"""
        if not has_failed(self.job, pod):
            return False
        ruling = rule_on(self.job, pod)
        limit = self.job["spec"]["backoffLimitPerIndex"]
        return ruling.action == FAIL_INDEX or (ruling.counts and count(pod, FAILURES) >= limit)

    def _held(self, tracked: list[Manifest]) -> dict[int, Manifest]:
        """The last failed pod of each index that is to be tried again: its finalizer stays until then."""
        given_up, running = self.given_up or Indexes(), {index_of(pod) for pod in self.active}
        held: dict[int, Manifest] = {}
        for pod in sorted((pod for pod in tracked if has_failed(self.job, pod)), key=finished_at):
            index = index_of(pod)
            if index not in self.done and index not in given_up and index not in running:
                held[index] = pod
        return held


def new_condition(kind: str, reason: str, message: str, now: float, status: str = "True") -> Condition:
    moment = rfc3339(now)
    entry = {"type": kind, "status": status, "lastProbeTime": moment, "lastTransitionTime": moment}
    return {**entry, "reason": reason, "message": message}
