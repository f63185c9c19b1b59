"""The kubelet's own metrics: what runs on its node, and how full the volumes are that it has mounted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiops.lab.exporters.exposition.forms import Filled, Form, Reading, Unit
from aiops.lab.exporters.exposition.samples import KUBELET, Target
from aiops.lab.exporters.machines.machines import machines
from aiops.lab.exporters.readings.part_figures import FILES, INODES
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic
from aiops.lab.tsdb import TimeSeriesStore

_NODE = (
    Reading("kubelet_node_name", "one", single=True),
    Reading("kubelet_running_pods", "node_pods"),
    Reading("kubelet_running_containers", "node_containers", labels={"container_state": "running"}),
)
_VOLUME = (
    Reading("kubelet_volume_stats_capacity_bytes", "disk_capacity", whole=True),
    Reading("kubelet_volume_stats_used_bytes", "disk_used", whole=True),
    Reading("kubelet_volume_stats_available_bytes", "disk_free", whole=True),
    Reading("kubelet_volume_stats_inodes", "disk_capacity", INODES, whole=True),
    Reading("kubelet_volume_stats_inodes_used", "disk_used", FILES, whole=True),
    Reading("kubelet_volume_stats_inodes_free", "disk_inodes_free", whole=True),
)


class Kubelet:
    """Finds the nodes and the claims that are mounted there."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore, mine: Mine) -> None:
        self._traffic = traffic
        self._mine = mine
        self._node = Form(store, _NODE)
        self._volume = Form(store, _VOLUME)

    def __call__(self) -> tuple[Sequence[Target], Iterable[Filled]]:
        targets = machines(self._traffic, self._mine, KUBELET, 10250, {"metrics_path": "/metrics"})
        names = [node.name for node in self._traffic.application.nodes]
        rows = {name: row for row, name in enumerate(names)}
        owners = {target.node: owner for owner, target in enumerate(targets)}
        nodes = [Unit(t.node, t.labels, owner, rows[t.node]) for owner, t in enumerate(targets)]
        volumes, disks = [], self._traffic.engine.disks
        placed = self._traffic.resources.needs.node[disks.process].tolist()
        for row, (key, node) in enumerate(zip(disks.keys, placed, strict=True)):
            if key[0] == "claim" and names[node] in owners:
                owner = owners[names[node]]
                claim = {"namespace": key[1], "persistentvolumeclaim": key[2]}
                volumes.append(Unit((*key, names[node]), {**targets[owner].labels, **claim}, owner, row))
        return targets, [(self._node, nodes), (self._volume, volumes)]
