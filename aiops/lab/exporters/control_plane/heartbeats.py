"""How often the parts of a cluster renew their leases, which the lab's objects show without a write for each."""

from __future__ import annotations

from aiops.lab.exporters.readings.hardware import Hardware
from aiops.lab.traffic import Traffic

_OF_NODES, _OF_LEADERS = 10.0, 2.0
"""Seconds between two renewals: of a node's lease, and of the one by which a component leads."""

_LEADERS = 2


class Heartbeats:
    """One reader's count of renewals."""

    def __init__(self, traffic: Traffic, hardware: Hardware) -> None:
        self._nodes = [node.name for node in traffic.application.nodes]
        self._hardware = hardware
        self._last = 0.0
        self._count = 0.0

    def until(self, now: float) -> float:
        """How many there have been up to `now` (unix seconds), since the first call."""
        seconds = now - (self._last or now)
        self._last = now
        up = sum(self._hardware.kubelet_up(name) for name in self._nodes)
        self._count += seconds * (up / _OF_NODES + _LEADERS / _OF_LEADERS)
        return self._count
