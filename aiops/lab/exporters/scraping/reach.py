"""Whether a target answers Prometheus, and how soon: its machine, its process, the network between, its load."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.samples import KUBELET, Target
from aiops.lab.exporters.readings.hardware import Hardware
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.traffic.network.interference import Path
from aiops.lab.traffic.network.policies import Peer

SCRAPE_TIMEOUT = 10.0
"""Seconds after which a scrape has failed."""

_SCRAPER = Peer(
    namespace="monitoring",
    name="prometheus-k8s-0",
    address="10.0.0.9",
    node="",
    labels=(("app.kubernetes.io/instance", "k8s"), ("app.kubernetes.io/name", "prometheus")),
)
_QUICKEST, _SLOWEST = 0.002, 0.012
_LATE = 1 / 4000
"""The share of scrapes whose answer is late for no reason that anybody finds."""

_CLEAR = Path()


@dataclass(frozen=True, slots=True)
class Ways:
    """Each (targets,): whether a scrape gets through, the share of scrapes that is lost, and the seconds that it takes
    when whoever answers is idle. `own` are the rows of the targets that processes answer themselves, `process` theirs.
    """

    open: npt.NDArray[np.bool_]
    lost: FloatArray
    seconds: FloatArray
    own: IntArray
    process: IntArray


class Reach:
    """The scraper's view of the network."""

    def __init__(self, traffic: Traffic, hardware: Hardware) -> None:
        self._traffic = traffic
        self._hardware = hardware

    def version(self) -> Hashable:
        """Changes whenever another set of targets may be reached."""
        return self._traffic.layout, self._hardware.version()

    def ways(self, targets: Sequence[Target], now: float) -> Ways:
        """The ways to targets at a moment (unix seconds); they stand until `version` changes."""
        rows = {(p.namespace, p.pod): row for row, p in enumerate(self._traffic.flow.graph.processes)}
        answering = self._traffic.listening()
        answering += [p for p in self._traffic.flow.graph.processes if p.program.role == "dns" and p.listening(now)]
        listening = {(p.namespace, p.pod) for p in answering}
        found = [self._open(target, target.pod in listening) for target in targets]
        spread = [crc32(target.labels["instance"].encode()) % 1024 / 1024 for target in targets]
        paths = [self._traffic.way(_SCRAPER, t.pod, SCRAPE_TIMEOUT) if t.pod[1] else _CLEAR for t in targets]
        answers = [(number, rows[t.pod]) for number, t in enumerate(targets) if t.own and t.pod in rows]
        return Ways(
            np.array(found, dtype=np.bool_),
            1.0 - (1.0 - _LATE) * (1.0 - np.array([path.lost for path in paths])),
            _QUICKEST + (_SLOWEST - _QUICKEST) * np.array(spread) + np.array([path.delay for path in paths]),
            np.array([number for number, _ in answers], dtype=np.int64),
            np.array([row for _, row in answers], dtype=np.int64),
        )

    def _open(self, target: Target, listening: bool) -> bool:
        if target.node and not self._hardware.powered(target.node):
            return False
        if target.labels["job"] == KUBELET and not self._hardware.kubelet_up(target.node):
            return False
        if not target.pod[1]:
            return True
        return (listening or not target.own) and self._traffic.admits(_SCRAPER, target.pod, target.port)

    def seconds(self, ways: Ways) -> FloatArray:
        """What each target's answer takes now: an exporter in a process that waits for a core waits with it."""
        found = ways.seconds.copy()
        if len(ways.own):
            found[ways.own] += self._traffic.resources.state.waiting[ways.process]
        return found
