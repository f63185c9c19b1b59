"""Fault: a port of the nodes that somebody else has taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.workloads import containers, find, for_container, original
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

PLACE = "monitoring"
"""Where what runs on every node is installed."""

IMAGE = "registry.k8s.io/pause:3.10"


async def _of_several_pods(target: Target, namespace: str) -> Sequence[Entity]:
    found = [await target.get(entity) for entity in await serving(target, "Deployment", namespace)]
    return [
        Entity.of(item) for item in found if item["spec"].get("replicas", 1) > 1 and containers(item)[0].get("ports")
    ]


async def _present(target: Target, before: Before, deployment: Entity, agent: str, port: int) -> bool:
    """The pods may not want a port of their node that something on every node has."""
    now = await find(target, deployment)
    if now is None:
        return True
    taken = {number for daemons in await target.list("DaemonSet", PLACE) for number in _host_ports(daemons)}
    return not taken.isdisjoint(_host_ports(now))


async def _other_fix(target: Target, before: Before, deployment: Entity, agent: str, port: int) -> None:
    """Another port of the nodes."""
    await _open(target, deployment, original(before, deployment), port + 1000)


@fault(
    Mechanism.SCHEDULING_HOST_PORT,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "scheduling"}),
)
async def host_port_conflict(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment of several pods", _of_several_pods, Entity.parse)],
    agent: Annotated[str, one_of("host-metrics", "log-collector", "edge-agent", "net-probe", "cost-agent")],
    port: Annotated[int, whole(9180, 9480)],
) -> GroundTruth:
    """A Deployment wants a port of its nodes that an agent on every node has: its new pods find no node."""
    if await find(target, Entity(kind="DaemonSet", namespace=PLACE, name=agent)):
        raise NotPossibleError(f"there is a DaemonSet {agent}")
    await target.create(_agent(agent, port))
    present = await target.get(deployment)
    await _open(target, deployment, present, port)
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.SCHEDULING_HOST_PORT,
        field=f"spec.template.spec.containers[{containers(present)[0]['name']}].ports",
    )


async def _open(target: Target, deployment: Entity, manifest: Manifest, port: int) -> None:
    container = containers(manifest)[0]
    first = container["ports"][0]
    entry = {"containerPort": first["containerPort"], "protocol": first.get("protocol", "TCP"), "hostPort": port}
    await target.patch(deployment, for_container(container["name"], ports=[entry]))


def _agent(name: str, port: int) -> Manifest:
    labels = {"app": name, "app.kubernetes.io/name": name}
    container = {"name": name, "image": IMAGE, "ports": [{"name": "metrics", "containerPort": port, "hostPort": port}]}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [container], "tolerations": [{"operator": "Exists"}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": PLACE, "labels": labels},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
    }


def _host_ports(workload: Manifest) -> Iterator[int]:
    for container in containers(workload):
        yield from (port["hostPort"] for port in container.get("ports") or () if port.get("hostPort"))
