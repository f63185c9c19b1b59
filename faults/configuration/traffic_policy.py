"""Fault: a Service that only sends to pods on the client's own node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import needed_calls
from aiops.faults.kit.workloads import find, pods_of, pods_with
from aiops.faults.parameters import choose, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _apart(target: Target, namespace: str) -> Sequence[Edge]:
    """Calls of a client whose pods are on more nodes than the Service has pods, so that some are always alone."""
    found = []
    for call in await needed_calls(target, namespace):
        client, service = await target.get(call.source), await target.get(call.target)
        behind = await pods_with(target, namespace, service["spec"].get("selector") or {})
        if len(behind) < len(_nodes(await pods_of(target, client))) and await _is_apart(target, client, service):
            found.append(call)
    return found


async def _present(target: Target, before: Before, call: Edge) -> bool:
    """Where the Service sends to the same node alone, there must be a pod on every node of the client."""
    service, client = await find(target, call.target), await find(target, call.source)
    if service is None or client is None:
        return True
    return service["spec"].get("internalTrafficPolicy") == "Local" and await _is_apart(target, client, service)


async def _other_fix(target: Target, before: Before, call: Edge) -> None:
    """Near pods are preferred, and far ones are better than none."""
    body = {"spec": {"internalTrafficPolicy": "Cluster", "trafficDistribution": "PreferSameNode"}}
    await target.patch(call.target, body, "merge")


@fault(
    Mechanism.NETWORK_TRAFFIC_POLICY,
    entities=("Service",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def traffic_policy(
    target: Target,
    call: Annotated[Edge, choose("a call between pods of different nodes", _apart, read_edge)],
) -> GroundTruth:
    """A Service's internal traffic stays on the client's node: clients on nodes without its pods get no answer."""
    await target.get(call.source)
    await target.patch(call.target, {"spec": {"internalTrafficPolicy": "Local"}}, "merge")
    return GroundTruth(
        subject=call.target, mechanism=Mechanism.NETWORK_TRAFFIC_POLICY, field="spec.internalTrafficPolicy"
    )


async def _is_apart(target: Target, client: Manifest, service: Manifest) -> bool:
    namespace = service["metadata"]["namespace"]
    behind = _nodes(await pods_with(target, namespace, service["spec"].get("selector") or {}))
    return not _nodes(await pods_of(target, client)) <= behind


def _nodes(pods: Sequence[Manifest]) -> set[str]:
    return {str(pod["spec"]["nodeName"]) for pod in pods if pod["spec"].get("nodeName")}
