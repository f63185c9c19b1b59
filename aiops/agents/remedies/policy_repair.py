"""Policy repair: the smallest edit of a NetworkPolicy that lets a needed call through and nothing else."""

from __future__ import annotations

from aiops.agents.remedies.registry import RemedyCase, remedy
from aiops.analysis.policy.network import Policies
from aiops.analysis.policy.repair import Connection, PolicyEdit, smallest_edits
from aiops.analysis.state.cluster import ClusterState, template_labels
from aiops.analysis.state.network_policy import NeededEdge, needed_edges, template_endpoint
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.tools.edit_network_policy import edit_network_policy


@remedy(Mechanism.NETWORK_POLICY)
async def network_policy(case: RemedyCase) -> list[Proposal]:
    """Widen the policy at fault by exactly the blocked call; checked by an interpreter over all other calls."""
    found = []
    for edge in blocked_edges(case.state, case.cause.subject):
        edit = repair(case.state, edge)
        if edit is not None and edit.policy == case.cause.subject:
            found.append(_proposal(case, edge, edit))
    return found


def blocked_edges(state: ClusterState, policy: object) -> list[NeededEdge]:
    """The needed connections that a policy takes part in forbidding, those seen failing first."""
    world = Policies(state.of("NetworkPolicy"), state.namespace_labels())
    found = []
    for edge in needed_edges(state):
        source, target = _find(state, edge.source), _find(state, edge.target)
        if source is None or target is None:
            continue
        decision = world.decide(template_endpoint(state, source), template_endpoint(state, target), edge.port)
        if not decision.allowed and policy in decision.blocking:
            found.append(edge)
    return found


def repair(state: ClusterState, edge: NeededEdge) -> PolicyEdit | None:
    """The one edit of an existing policy that allows an edge and changes no other decision; None where none does."""
    source, target = _find(state, edge.source), _find(state, edge.target)
    if source is None or target is None:
        return None
    wanted = Connection(
        source=template_endpoint(state, source),
        source_labels=_own_labels(source),
        target=template_endpoint(state, target),
        target_labels=_own_labels(target),
        port=edge.port,
    )
    endpoints = [template_endpoint(state, workload) for workload in state.workloads()]
    edits = smallest_edits(state.of("NetworkPolicy"), state.namespace_labels(), endpoints, wanted)
    return edits[0] if edits and len(edits) == 1 and not edits[0].created else None


def _find(state: ClusterState, entity: Entity) -> Manifest | None:
    return state.find(entity.kind, entity.namespace, entity.name)


def _own_labels(workload: Manifest) -> dict[str, str]:
    """The labels by which a workload knows its own pods."""
    selector: dict[str, str] = workload["spec"].get("selector", {}).get("matchLabels") or template_labels(workload)
    return selector


def _proposal(case: RemedyCase, edge: NeededEdge, edit: PolicyEdit) -> Proposal:
    reason = f"{edit.policy} forbids {edge.source} to reach port {edge.port} of {edge.target}; {edit.what} allows it."
    effect = f"Calls from {edge.source} to {edge.target} get through; every other decision stays."
    return case.propose(edit_network_policy, edit.policy, reason, effect, policy=edit.policy, spec=edit.spec)
