"""kube-controller-manager: its queues of work."""

from __future__ import annotations

from aiops.lab.exporters.control_plane.one_target import OneTarget
from aiops.lab.exporters.control_plane.view import ControlPlaneView
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.tsdb import TimeSeriesStore

TARGET = Target({"job": "kube-controller-manager", "instance": "10.0.0.10:10257"})


class ControllerManager(OneTarget):
    def __init__(self, control: ControlPlaneView, store: TimeSeriesStore, mine: Mine) -> None:
        super().__init__(TARGET, store, mine)
        self._queues = tuple(control.queues.values())
        if self.targets:
            for name in control.queues:
                for metric in ("workqueue_depth", "workqueue_adds_total", "workqueue_retries_total"):
                    self.page.place(metric, {"name": name})

    def _tell(self, now: float) -> None:
        del now
        self.page.fill(0, [value for queue in self._queues for value in (queue.depth, queue.added, queue.retried)])
