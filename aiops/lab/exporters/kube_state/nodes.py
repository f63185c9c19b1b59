"""kube-state-metrics of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.facts import amounts, conditions, created

_INFO = {
    "kernel_version": "kernelVersion",
    "os_image": "osImage",
    "container_runtime_version": "containerRuntimeVersion",
    "kubelet_version": "kubeletVersion",
}
_ROLE = "node-role.kubernetes.io/"


def node_metrics(node: Manifest) -> Iterator[Metric]:
    """`kube_node_*` of one node."""
    meta, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    labels = {"node": meta["name"]}
    machine = status.get("nodeInfo") or {}
    address = next((a["address"] for a in status.get("addresses") or () if a["type"] == "InternalIP"), "")
    shown = {name: machine.get(field, "") for name, field in _INFO.items()}
    yield "kube_node_info", {**labels, **shown, "internal_ip": address}, 1.0
    yield from created("node", labels, node)
    for label in meta.get("labels") or {}:
        if label.startswith(_ROLE):
            yield "kube_node_role", {**labels, "role": label.removeprefix(_ROLE)}, 1.0
    yield "kube_node_spec_unschedulable", labels, float(bool(spec.get("unschedulable")))
    for taint in spec.get("taints") or ():
        found = {"key": taint["key"], "value": taint.get("value", ""), "effect": taint["effect"]}
        yield "kube_node_spec_taint", {**labels, **found}, 1.0
    yield from conditions("kube_node_status_condition", labels, status)
    for kind in ("allocatable", "capacity"):
        yield from amounts(f"kube_node_status_{kind}", labels, status.get(kind))
