"""Fault: a NetworkPolicy closes a whole namespace, without those that were to open it again."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Edge, Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.guards import policy
from aiops.faults.kit.ingress import may_call
from aiops.faults.kit.reach import waited_for
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, call: Edge, name: str, form: str) -> bool:
    """Every call that users wait for must be allowed, and there."""
    calls = await waited_for(target, call.source.namespace)
    return call not in calls or not all([await may_call(target, each) for each in calls])


async def _other_fix(target: Target, before: Before, call: Edge, name: str, form: str) -> None:
    """The namespace stays closed to others, and is open to itself."""
    entity = Entity(kind="NetworkPolicy", namespace=call.source.namespace, name=name)
    inside = {"policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}], "egress": None}
    await target.patch(entity, {"spec": inside}, "merge")


@fault(
    Mechanism.NETWORK_POLICY,
    entities=("NetworkPolicy",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def policy_default_deny(
    target: Target,
    call: Annotated[Edge, choose("a call that users wait for", waited_for, read_edge)],
    name: Annotated[str, one_of("default-deny", "default-deny-all", "deny-all", "namespace-default", "baseline")],
    form: Annotated[str, one_of("ingress", "both")],
) -> GroundTruth:
    """A new policy selects every pod of a namespace and allows nothing: all calls between its workloads time out."""
    entity = Entity(kind="NetworkPolicy", namespace=call.source.namespace, name=name)
    rules: dict[str, list[dict[str, object]]] = {"ingress": []} if form == "ingress" else {"ingress": [], "egress": []}
    await target.create(policy(entity, {}, **rules))
    return GroundTruth(subject=entity, mechanism=Mechanism.NETWORK_POLICY, field="spec.policyTypes")
