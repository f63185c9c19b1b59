"""An image that can be pulled, or a version that worked."""

from __future__ import annotations

from aiops.agents.remedies.kit.field_paths import container_in
from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.state.cluster import ClusterState, is_ready
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at
from aiops.tools.rollout_undo import rollout_undo
from aiops.tools.set_image import set_image
from aiops.tools.stop_workload import STOPPED, stop_workload

BEFORE = 900.0
"""Seconds before the onset in which a canary was made that brought the trouble."""


@remedy(Mechanism.IMAGE_UNAVAILABLE, Mechanism.IMAGE_WRONG, Mechanism.IMAGE_ARCHITECTURE, Mechanism.APP_VERSION)
async def image(case: RemedyCase) -> list[Proposal]:
    """Set the image with which the workload ran before; else roll back to the revision before."""
    workload, container, wanted = case.cause.subject, container_in(case.cause.field), case.cause.wanted
    if not isinstance(workload, Entity):
        return []
    proposals = _without_canary(case, workload)
    effect = f"New pods of {workload} start, and its rollout ends."
    if container is not None and isinstance(wanted, str):
        reason = f"{workload} ran with the image {wanted} before."
        arguments = {"workload": workload, "container": container, "image": wanted}
        proposals.append(case.propose(set_image, workload, reason, effect, **arguments))
    if workload.kind == "Deployment" and case.state.templates(workload) and _is_known_to_help(case, workload):
        reason = f"The revision of {workload} before this one worked."
        proposals.append(case.propose(rollout_undo, workload, reason, effect, workload=workload))
    return proposals


def _without_canary(case: RemedyCase, workload: Entity) -> list[Proposal]:
    """Stop what came just before the trouble beside an older workload of the same Service, which serves alone then."""
    manifest = case.state.find(workload.kind, workload.namespace, workload.name)
    made = created_at(manifest) if manifest else None
    if workload.kind not in STOPPED or made is None or made < case.onset - BEFORE:
        return []
    older = _older_beside(case.state, workload, made)
    if older is None:
        return []
    reason = f"{workload} came just before the trouble, and takes a share of the requests of {older}."
    effect = f"{older} alone answers again; nothing of {workload} is deleted."
    return [case.propose(stop_workload, workload, reason, effect, workload=workload)]


def _older_beside(state: ClusterState, workload: Entity, made: float) -> Entity | None:
    """A workload made before `made` (unix seconds), with ready pods, that serves under the same Service as this one;
    None without one."""
    for service in state.of("Service", workload.namespace):
        behind = {Entity.of(item): created_at(item) for item in state.backends(service)}
        for entity, its in behind.items() if workload in behind else ():
            if entity != workload and (its is None or its < made) and any(map(is_ready, state.pods_of(entity))):
                return entity
    return None


def _is_known_to_help(case: RemedyCase, workload: Entity) -> bool:
    """A revision of long ago cures nothing that began now: its program has to be what was just replaced."""
    changed = any(
        change.entity == workload and any(field.path.startswith("spec.template.") for field in change.fields)
        for change in case.changes
    )
    return case.cause.mechanism == Mechanism.IMAGE_UNAVAILABLE or case.cause.wanted is not None or changed
