"""Fault: nobody answers the cluster's DNS queries."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.workloads import find, original, template_labels
from aiops.faults.parameters import one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

SERVER = Entity(kind="Deployment", namespace="kube-system", name="coredns")
SERVICE = Entity(kind="Service", namespace="kube-system", name="kube-dns")


async def _present(target: Target, before: Before, form: str) -> bool:
    """Some workload must be meant to run pods that the DNS Service selects."""
    service = await find(target, SERVICE)
    selector = (service or {}).get("spec", {}).get("selector") or {}
    deployments = await target.list("Deployment", SERVER.namespace)
    daemons = await target.list("DaemonSet", SERVER.namespace)
    meant = [item for item in deployments if item["spec"].get("replicas", 1) > 0] + daemons
    return not selector or not any(selector.items() <= template_labels(item).items() for item in meant)


async def _other_fix(target: Target, before: Before, form: str) -> None:
    """Another number of servers than before."""
    if form == "replicas":
        await target.patch(SERVER, {"spec": {"replicas": 3}}, "merge")
        return
    old = original(before, SERVER)
    metadata = {key: value for key, value in old["metadata"].items() if key in ("name", "namespace", "labels")}
    made: Manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    await target.create({**made, "spec": {**old["spec"], "replicas": 3}})


@fault(
    Mechanism.DNS_UNAVAILABLE,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "dns"}),
)
async def coredns_down(target: Target, form: Annotated[str, one_of("replicas", "deleted")]) -> GroundTruth:
    """The Deployment of the cluster's DNS is scaled to zero or deleted: no name is found any more."""
    if form == "deleted":
        await target.get(SERVER)
        await target.delete(SERVER)
        return GroundTruth(subject=SERVER, mechanism=Mechanism.DNS_UNAVAILABLE)
    await target.patch(SERVER, {"spec": {"replicas": 0}}, "merge")
    return GroundTruth(subject=SERVER, mechanism=Mechanism.DNS_UNAVAILABLE, field="spec.replicas")
