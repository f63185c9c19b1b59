"""kube-scheduler and kube-controller-manager: pods that wait for a node, attempts to find one, queues of work."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.control.scheduling.scheduler import NAME
from aiops.lab.exporters.control import Control
from aiops.lab.exporters.job import Mine
from aiops.lab.exporters.page import Durations, Page
from aiops.lab.exporters.samples import Sheet, Target
from aiops.lab.tsdb import TimeSeriesStore

SCHEDULER = Target({"job": "kube-scheduler", "instance": "10.0.0.10:10259"})
CONTROLLER_MANAGER = Target({"job": "kube-controller-manager", "instance": "10.0.0.10:10257"})

_BOUNDS = np.array([0.001 * 2.0**n for n in range(15)])
_SECONDS_A_NODE = 2e-5
"""How long an attempt looks at a node."""

_ATTEMPT_SECONDS = 0.002


class _OneTarget:
    """A job with one target that never changes."""

    def __init__(self, target: Target, store: TimeSeriesStore, mine: Mine) -> None:
        self.targets: Sequence[Target] = [target] if mine(target.labels) else []
        self._page = Page(store, target.labels)

    @property
    def sheet(self) -> Sheet:
        return self._page.sheet

    def version(self) -> Hashable:
        return 0

    def lay_out(self) -> None:
        """Nothing changes."""

    def values(self, now: float) -> FloatArray:
        del now
        if not self.targets:
            return np.zeros(0)
        self._tell()
        return self._page.samples()

    def _tell(self) -> None:
        raise NotImplementedError


class KubeScheduler(_OneTarget):
    def __init__(self, control: Control, nodes: int, store: TimeSeriesStore, mine: Mine) -> None:
        super().__init__(SCHEDULER, store, mine)
        self._scheduler = control.scheduler
        self._seconds = _ATTEMPT_SECONDS + nodes * _SECONDS_A_NODE
        self._durations = Durations(self._page, "scheduler_scheduling_attempt_duration_seconds", _BOUNDS)
        self._seen = dict.fromkeys(("scheduled", "unschedulable", "error"), 0)

    def _tell(self) -> None:
        put = self._page.put
        for queue, pods in self._scheduler.pending().items():
            put(("pending", queue), "scheduler_pending_pods", {"queue": queue}, pods)
        for result, seen in self._seen.items():
            total = self._scheduler.attempts[result]
            labels = {"profile": NAME, "result": result}
            put(result, "scheduler_schedule_attempts_total", labels, total)
            if total > seen:
                self._durations.add(result, labels.copy, total - seen, self._seconds)
                self._seen[result] = total
        put("preemption", "scheduler_preemption_attempts_total", {}, self._scheduler.preemptions)


class ControllerManager(_OneTarget):
    def __init__(self, control: Control, store: TimeSeriesStore, mine: Mine) -> None:
        super().__init__(CONTROLLER_MANAGER, store, mine)
        self._queues = tuple(control.queues.values())
        if self.targets:
            for name in control.queues:
                for metric in ("workqueue_depth", "workqueue_adds_total", "workqueue_retries_total"):
                    self._page.place(metric, {"name": name})

    def _tell(self) -> None:
        self._page.fill(0, [value for queue in self._queues for value in (queue.depth, queue.added, queue.retried)])
