"""Fault: a NetworkPolicy lets in pods and namespaces that nobody calls from."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.guards import NAMES, guard, named, open_in_place, shut_out
from aiops.faults.kit.reach import answering
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.NETWORK_POLICY,
    entities=("NetworkPolicy",),
    felt="requests",
    present=shut_out,
    other_fix=open_in_place,
    tags=frozenset({"kubernetes", "network"}),
)
async def policy_wrong_peer(
    target: Target,
    service: Annotated[Entity, choose("a Service that users wait for", answering, Entity.parse)],
    suffix: Annotated[str, one_of(*NAMES)],
    form: Annotated[str, one_of("label", "namespace", "renamed")],
) -> GroundTruth:
    """A new policy names the callers of a workload by labels that they do not have: their connections time out."""
    manifest = await guard(target, service, suffix)
    peers = manifest["spec"]["ingress"][0]["from"]
    manifest["spec"]["ingress"][0]["from"] = [_meant(peer, service.namespace, form) for peer in peers]
    await target.create(manifest)
    return GroundTruth(subject=named(service, suffix), mechanism=Mechanism.NETWORK_POLICY, field="spec.ingress[0].from")


def _meant(peer: dict[str, Any], namespace: str, form: str) -> dict[str, Any]:
    """The peer by a label that the pods lack, in a namespace of another name, or as they may once have been called."""
    labels: dict[str, str] = peer["podSelector"]["matchLabels"]
    if form == "label":
        return {"podSelector": {"matchLabels": {f"{namespace}.example.com/client": "true"}}}
    if form == "namespace":
        space = {"matchLabels": {"kubernetes.io/metadata.name": f"{namespace}-prod"}}
        return {"namespaceSelector": space, "podSelector": peer["podSelector"]}
    return {"podSelector": {"matchLabels": {key: f"{value}-service" for key, value in labels.items()}}}
