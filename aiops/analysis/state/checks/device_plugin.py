"""Nodes that have devices and offer none, since the plugin that should offer them does not run there."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, is_ready
from aiops.analysis.state.makers import maker_of
from aiops.analysis.state.placing.asking import allocatable, amount, requested
from aiops.analysis.state.placing.message import obstacles
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment

SOCKETS = "/var/lib/kubelet/device-plugins"
"""Where plugins register with the kubelet."""

PLUGIN, NODE = 0.92, 0.5


@check("device-plugin")
def device_plugin(state: ClusterState) -> Iterator[Finding]:
    """Pods that wait for devices that nodes have and do not offer, and the plugin that does not run on these nodes."""
    said: set[Entity] = set()
    for pod in state.of("Pod"):
        for condition in pod.get("status", {}).get("conditions") or ():
            if condition["type"] != "PodScheduled" or condition["status"] != "False":
                continue
            lacking = [o.name for o in obstacles(str(condition.get("message", ""))) if "/" in o.name]
            for device in (name for name in lacking if requested(pod["spec"], name) > 0):
                silent = [node for node in state.of("Node") if _holds(node, device) and not allocatable(node, device)]
                maker = maker_of(state, pod)
                if silent and maker not in said:
                    said.add(maker)
                    yield _finding(state, maker, pod, condition, device, silent)


def _holds(node: Manifest, device: str) -> bool:
    return amount((node.get("status", {}).get("capacity") or {}).get(device)) > 0


def _finding(
    state: ClusterState, maker: Entity, pod: Manifest, condition: Manifest, device: str, silent: list[Manifest]
) -> Finding:
    names = [node["metadata"]["name"] for node in silent]
    plugins = [item for item in state.of("DaemonSet") if is_plugin(item) and not _covers(state, item, names)]
    mechanism = Mechanism.ACCELERATOR_PLUGIN
    field = "spec.template.spec"
    suspects = [
        Hypothesis(subject=Entity.of(item), mechanism=mechanism, strength=PLUGIN, field=field) for item in plugins
    ]
    nodes = [Entity(kind="Node", name=name) for name in names[:5]]
    suspects += [Hypothesis(subject=node, mechanism=mechanism, strength=NODE) for node in nodes]
    return Finding(
        subject=maker,
        seen_in=Entity.of(pod),
        summary=f"{len(names)} nodes have {device} and offer none, and pods of {maker} wait for one.",
        observed=", ".join(names[:10]),
        score=1.0,
        since=moment(condition.get("lastTransitionTime")),
        suggests=tuple(suspects),
    )


def is_plugin(daemon: Manifest) -> bool:
    """Does it mount the folder in which plugins of devices register?"""
    volumes = read(daemon, "spec.template.spec.volumes") or ()
    paths = [str((volume.get("hostPath") or {}).get("path", "")) for volume in volumes]
    return any(path.rstrip("/").startswith(SOCKETS) for path in paths) or "device-plugin" in daemon["metadata"]["name"]


def _covers(state: ClusterState, daemon: Manifest, nodes: list[str]) -> bool:
    """Has it a ready pod on each of these nodes?"""
    pods = state.pods_of(Entity.of(daemon))
    if not pods:
        status = daemon.get("status") or {}
        return False if not status.get("numberReady") else status["numberReady"] >= len(nodes)
    ready = {pod["spec"].get("nodeName") for pod in pods if is_ready(pod)}
    return set(nodes) <= ready
