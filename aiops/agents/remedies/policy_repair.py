"""Policy repair: the smallest edit of a NetworkPolicy that lets a needed call through and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.changes.suspicion import LOOK_BACK, SLACK
from aiops.analysis.policy.network import Decision, Policies, policy_entity
from aiops.analysis.policy.repair import Connection, PolicyEdit, smallest_edits
from aiops.analysis.state.cluster import ClusterState, template_labels
from aiops.analysis.state.network.tried_edges import TriedEdge, dns_edges, template_endpoint, tried_edges
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at
from aiops.tools.edit_network_policy import edit_network_policy
from aiops.tools.object_before import object_before


@remedy(Mechanism.NETWORK_POLICY)
async def network_policy(case: RemedyCase) -> list[Proposal]:
    """Widen the policy at fault by exactly the blocked call; checked by an interpreter over all other calls.

    Only calls that are needed, and that were allowed before the policy was made or changed shortly before the trouble:
    what a policy has forbidden for long, it forbids on purpose."""
    policy = case.cause.subject
    if not isinstance(policy, Entity):
        return []
    before = await _policies_before(case, policy)
    if before is None:
        return []
    found = []
    for edge in blocked_edges(case.state, policy):
        decision = _decide(case.state, before, edge)
        edit = repair(case.state, edge) if decision is not None and decision.allowed else None
        if edit is not None and edit.policy == policy:
            found.append((edge, edit))
    each = [_proposal(case, edge, edit) for edge, edit in found]
    together = _together(case, policy, [edge for edge, _ in found]) if len(found) > 1 else None
    return [together, *each] if together is not None else each


def _together(case: RemedyCase, policy: Entity, edges: Sequence[TriedEdge]) -> Proposal | None:
    """All of the calls at once, one edit after the other: a policy that cuts many is not widened for one."""
    policies = case.state.of("NetworkPolicy")
    done: list[TriedEdge] = []
    spec = None
    for edge in edges:
        edit = repair(case.state, edge, policies)
        if edit is None or edit.policy != policy:
            continue
        spec = edit.spec
        policies = [{**item, "spec": spec} if policy_entity(item) == policy else item for item in policies]
        done.append(edge)
    if spec is None or len(done) < 2:
        return None
    called = ", ".join(f"{edge.source} to port {edge.port} of {edge.target}" for edge in done[:3])
    reason = f"{policy} forbids {len(done)} calls that are needed, such as {called}."
    effect = "These calls get through again; every other decision stays."
    return case.propose(edit_network_policy, policy, reason, effect, policy=policy, spec=spec)


async def _policies_before(case: RemedyCase, policy: Entity) -> list[Manifest] | None:
    """The policies with this one as it was before its first change of late, and without it where it is new; None where
    no change of it is known."""
    others = [item for item in case.state.of("NetworkPolicy") if policy_entity(item) != policy]
    changes = [one for one in case.changes if one.entity == policy and one.at <= case.onset + SLACK]
    if not changes:
        live = case.state.find(policy.kind, policy.namespace, policy.name) or {"metadata": {}}
        made = created_at(live)
        new = made is not None and case.onset - LOOK_BACK <= made <= case.onset + SLACK
        return others if new else None
    first = min(changes, key=lambda one: one.at)
    if first.verb == "created":
        return others
    past = await case.tools.read(object_before, policy, first.at)
    return [*others, past.manifest] if past is not None and past.manifest is not None else None


def blocked_edges(state: ClusterState, policy: Entity) -> list[TriedEdge]:
    """The needed connections that a policy takes part in forbidding, those seen failing first."""
    found = []
    for edge in (*tried_edges(state), *dns_edges(state)):
        decision = _decide(state, state.of("NetworkPolicy"), edge) if edge.needed else None
        if decision is not None and not decision.allowed and policy in decision.blocking:
            found.append(edge)
    return found


def _decide(state: ClusterState, policies: Sequence[Manifest], edge: TriedEdge) -> Decision | None:
    """May a connection be made under these policies? None where one of its ends is not there."""
    source, target = _find(state, edge.source), _find(state, edge.target)
    if source is None or target is None:
        return None
    world = Policies(policies, state.namespace_labels())
    return world.decide(template_endpoint(state, source), template_endpoint(state, target), edge.port, edge.protocol)


def repair(state: ClusterState, edge: TriedEdge, policies: Sequence[Manifest] | None = None) -> PolicyEdit | None:
    """The one edit of an existing policy that allows an edge and changes no other decision; None where none does.
    The policies are those in force unless others are given."""
    source, target = _find(state, edge.source), _find(state, edge.target)
    if source is None or target is None:
        return None
    wanted = Connection(
        source=template_endpoint(state, source),
        source_labels=_own_labels(source),
        target=template_endpoint(state, target),
        target_labels=_own_labels(target),
        port=edge.port,
        protocol=edge.protocol,
    )
    endpoints = [template_endpoint(state, workload) for workload in state.workloads()]
    in_force = state.of("NetworkPolicy") if policies is None else policies
    edits = smallest_edits(in_force, state.namespace_labels(), endpoints, wanted)
    return edits[0] if edits and len(edits) == 1 and not edits[0].created else None


def _find(state: ClusterState, entity: Entity) -> Manifest | None:
    return state.find(entity.kind, entity.namespace, entity.name)


def _own_labels(workload: Manifest) -> dict[str, str]:
    """The labels by which a workload knows its own pods."""
    selector: dict[str, str] = workload["spec"].get("selector", {}).get("matchLabels") or template_labels(workload)
    return selector


def _proposal(case: RemedyCase, edge: TriedEdge, edit: PolicyEdit) -> Proposal:
    reason = f"{edit.policy} forbids {edge.source} to reach port {edge.port} of {edge.target}; {edit.what} allows it."
    effect = f"All pods of {edge.source} may reach port {edge.port} of {edge.target}; every other decision stays."
    return case.propose(edit_network_policy, edit.policy, reason, effect, policy=edit.policy, spec=edit.spec)
