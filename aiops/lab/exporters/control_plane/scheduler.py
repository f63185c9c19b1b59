"""kube-scheduler: pods that wait for a node, and attempts to find one."""

from __future__ import annotations

import numpy as np

from aiops.lab.control.scheduling.scheduler import NAME
from aiops.lab.exporters.control_plane.one_target import OneTarget
from aiops.lab.exporters.control_plane.view import ControlPlaneView
from aiops.lab.exporters.exposition.page import Durations
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.tsdb import TimeSeriesStore

TARGET = Target({"job": "kube-scheduler", "instance": "10.0.0.10:10259"})

_BOUNDS = np.array([0.001 * 2.0**n for n in range(15)])
_SECONDS_A_NODE = 2e-5
"""How long an attempt looks at a node."""

_ATTEMPT_SECONDS = 0.002


class KubeScheduler(OneTarget):
    def __init__(self, control: ControlPlaneView, nodes: int, store: TimeSeriesStore, mine: Mine) -> None:
        super().__init__(TARGET, store, mine)
        self._scheduler = control.scheduler
        self._seconds = _ATTEMPT_SECONDS + nodes * _SECONDS_A_NODE
        self._durations = Durations(self.page, "scheduler_scheduling_attempt_duration_seconds", _BOUNDS)
        self._seen = dict.fromkeys(("scheduled", "unschedulable", "error"), 0)

    def _tell(self, now: float) -> None:
        del now
        put = self.page.put
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
