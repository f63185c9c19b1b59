"""Fault: nodes offer no accelerators though they have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.accelerated import ACCELERATOR, accelerated
from aiops.faults.kit.places import admits
from aiops.faults.kit.workloads import find, for_pods, restart
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_SOCKETS = "/var/lib/kubelet/device-plugins"


async def _needing(target: Target, namespace: str) -> Sequence[Edge]:
    """A Deployment with accelerators, and a DaemonSet through which they are offered."""
    plugins = [Entity.of(each) for each in await target.list("DaemonSet", "") if _is_plugin(each)]
    users = await accelerated(target, namespace)
    return [Edge(source=user, target=plugin) for user in users for plugin in sorted(plugins, key=str)]


async def _present(target: Target, before: Before, use: Edge, label: str) -> bool:
    """The plugin runs on no node that has accelerators."""
    plugin = await find(target, use.target)
    if plugin is None:
        return True
    spec = plugin["spec"]["template"]["spec"]
    return not any(admits(node, spec) for node in await _equipped(target))


async def _other_fix(target: Target, before: Before, use: Edge, label: str) -> None:
    """The nodes get the label that the plugin asks for."""
    key, _, value = label.partition("=")
    for node in await _equipped(target):
        await target.patch(Entity.of(node), {"metadata": {"labels": {key: value}}}, "merge")


@fault(
    Mechanism.ACCELERATOR_PLUGIN,
    entities=("DaemonSet",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"accelerator", "kubernetes"}),
)
async def device_plugin_gone(
    target: Target,
    use: Annotated[Edge, choose("a Deployment with accelerators, and their plugin", _needing, read_edge)],
    label: Annotated[
        str,
        one_of(
            "nvidia.com/gpu.deploy.device-plugin=true",
            "feature.node.kubernetes.io/pci-10de.present=true",
            "accelerator=nvidia",
            "node-role=gpu-worker",
        ),
    ],
) -> GroundTruth:
    """A device plugin is told to run on nodes of a label that none carries: pods that are replaced get no device."""
    key, _, value = label.partition("=")
    await target.patch(use.target, for_pods(nodeSelector={key: value}))
    plugin = await target.get(use.target)
    for workload in (plugin, await target.get(use.source)):
        await restart(target, workload)
    return GroundTruth(
        subject=use.target, mechanism=Mechanism.ACCELERATOR_PLUGIN, field="spec.template.spec.nodeSelector"
    )


async def _equipped(target: Target) -> list[Manifest]:
    """The nodes that have accelerators."""
    nodes = [node for node in await target.list("Node", "") if ACCELERATOR in node["status"]["capacity"]]
    return sorted(nodes, key=lambda node: str(node["metadata"]["name"]))


def _is_plugin(daemons: Manifest) -> bool:
    """Whether its pods meet the kubelet where device plugins register."""
    volumes = daemons["spec"]["template"]["spec"].get("volumes") or ()
    return any((volume.get("hostPath") or {}).get("path", "").startswith(_SOCKETS) for volume in volumes)
