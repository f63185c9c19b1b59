"""The cluster's DNS gets servers again."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.state.before import template_before
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.rollout_undo import rollout_undo
from aiops.tools.scale import scale

SERVERS = 2
"""As many as distributions run: one alone takes every name with it when its node goes."""


@remedy(Mechanism.DNS_UNAVAILABLE)
async def dns_servers(case: RemedyCase) -> list[Proposal]:
    """Ask for servers where none is asked for; else the revision before, where another one was just rolled out."""
    servers = case.cause.subject
    if not isinstance(servers, Entity) or servers.kind != "Deployment":
        return []
    manifest = case.state.find(servers.kind, servers.namespace, servers.name)
    if manifest is None:
        return []
    effect = "Workloads get addresses for the names that they call."
    if manifest["spec"].get("replicas", 1) == 0:
        reason = f"{servers} answers the cluster's questions for names, and is asked for no pod."
        return [case.propose(scale, servers, reason, effect, workload=servers, replicas=SERVERS)]
    rolled = any(change.entity == servers and change.verb == "updated" for change in case.changes)
    if not rolled or template_before(case.state, servers) is None:
        return []
    reason = f"{servers} answered until its present revision was rolled out."
    return [case.propose(rollout_undo, servers, reason, effect, workload=servers)]
