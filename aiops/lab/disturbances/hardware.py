"""What a disturbance of machines lets their exporters see."""

from __future__ import annotations

from typing import TypeVar

from aiops.core.disturbance.machine import AcceleratorFailed, AcceleratorThrottled, NodeClock, PowerOff
from aiops.core.disturbance.scope import OnNodes
from aiops.lab.control.nodes.machines import Machines
from aiops.lab.disturbances.book import DisturbanceBook
from aiops.lab.disturbances.processes import nodes_of
from aiops.lab.ports import ClusterView

_Kind = TypeVar("_Kind", bound=OnNodes)


class DisturbedHardware:
    """Implements the exporters' `Hardware`. The longest of several disturbances of one kind counts."""

    def __init__(self, book: DisturbanceBook, view: ClusterView, machines: Machines) -> None:
        self._book = book
        self._view = view
        self._machines = machines

    def version(self) -> int:
        return self._book.revision

    def powered(self, node: str) -> bool:
        return not self._of(PowerOff, node)

    def kubelet_up(self, node: str) -> bool:
        return self._machines.is_up(node)

    def clock_offset(self, node: str) -> float:
        return sum(clock.seconds for clock in self._of(NodeClock, node))

    def accelerator_slowdown(self, node: str) -> float:
        return max((hot.factor for hot in self._of(AcceleratorThrottled, node)), default=1.0)

    def accelerator_celsius(self, node: str) -> float:
        return max((hot.celsius for hot in self._of(AcceleratorThrottled, node)), default=0.0)

    def xid(self, node: str) -> int:
        return next((failed.xid for failed in self._of(AcceleratorFailed, node)), 0)

    def _of(self, kind: type[_Kind], node: str) -> list[_Kind]:
        if not self._book:
            return []
        return [each for each in self._book.of(kind) if node in nodes_of(each.nodes, self._view)]
