"""A workload that came just before the trouble and takes what others need is stopped."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.behaviour.neighbourhood import BEFORE
from aiops.analysis.state.cluster import ClusterState
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at
from aiops.tools.get_object import get_object
from aiops.tools.stop_workload import STOPPED, stop_workload

BATCH = ("CronJob", "Job")
"""Kinds whose work can wait, however long they are there."""


@remedy(
    Mechanism.DATA_SLOW_QUERY,
    Mechanism.DATA_LOCK_CONTENTION,
    Mechanism.LOAD_SYNCHRONISED,
    Mechanism.LOAD_TENANT,
    Mechanism.RESOURCE_CPU_HOG,
    Mechanism.RESOURCE_DISK_FULL,
    Mechanism.RESOURCE_MEMORY_HOG,
    Mechanism.RESOURCE_IO_HOG,
    Mechanism.SCHEDULING_PREEMPTION,
    Mechanism.NETWORK_PORTS_EXHAUSTED,
    Mechanism.QUEUE_POISON_MESSAGE,
    Mechanism.NODE_API_SERVER,
)
async def stop(case: RemedyCase) -> list[Proposal]:
    """Scale the culprit to zero or suspend it. Only what began just before the trouble, or a job; nothing that others
    call."""
    culprit = case.cause.subject
    if not isinstance(culprit, Entity) or culprit.kind not in STOPPED:
        return []
    manifest = case.state.find(culprit.kind, culprit.namespace, culprit.name) or await _alone(case, culprit)
    if manifest is None or _serves_others(case.state, culprit) or not _may_wait(case, culprit, manifest):
        return []
    reason = f"{culprit} began just before the trouble, and takes what others need."
    effect = f"What {culprit} does stops until somebody lets it go on: its pods end, nothing of it is deleted."
    return [case.propose(stop_workload, culprit, reason, effect, workload=culprit)]


async def _alone(case: RemedyCase, culprit: Entity) -> Manifest | None:
    """The culprit by itself, where its kind could not be listed: an API server in distress turns long lists away."""
    if culprit.kind not in case.state.unread:
        return None
    result = await case.tools.read(get_object, culprit)
    return result.manifest if result else None


def _may_wait(case: RemedyCase, culprit: Entity, manifest: Manifest) -> bool:
    made = created_at(manifest)
    return culprit.kind in BATCH or (made is not None and made >= case.onset - BEFORE)


def _serves_others(state: ClusterState, workload: Entity) -> bool:
    """Does a Service select its pods?"""
    services = state.of("Service", workload.namespace)
    return any(Entity.of(backend) == workload for service in services for backend in state.backends(service))
