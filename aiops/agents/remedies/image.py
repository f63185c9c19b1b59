"""An image that can be pulled, or a version that worked."""

from __future__ import annotations

from aiops.agents.remedies.kit.field_paths import container_in
from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.rollout_undo import rollout_undo
from aiops.tools.set_image import set_image


@remedy(Mechanism.IMAGE_UNAVAILABLE, Mechanism.APP_VERSION)
async def image(case: RemedyCase) -> list[Proposal]:
    """Set the image with which the workload ran before; else roll back to the revision before."""
    workload, container, wanted = case.cause.subject, container_in(case.cause.field), case.cause.wanted
    if not isinstance(workload, Entity):
        return []
    proposals = []
    effect = f"New pods of {workload} start, and its rollout ends."
    if container is not None and isinstance(wanted, str):
        reason = f"{workload} ran with the image {wanted} before."
        arguments = {"workload": workload, "container": container, "image": wanted}
        proposals.append(case.propose(set_image, workload, reason, effect, **arguments))
    if workload.kind == "Deployment" and case.state.templates(workload) and _is_known_to_help(case, workload):
        reason = f"The revision of {workload} before this one worked."
        proposals.append(case.propose(rollout_undo, workload, reason, effect, workload=workload))
    return proposals


def _is_known_to_help(case: RemedyCase, workload: Entity) -> bool:
    """A revision of long ago cures nothing that began now: its program has to be what was just replaced."""
    changed = any(
        change.entity == workload and any(field.path.startswith("spec.template.") for field in change.fields)
        for change in case.changes
    )
    return case.cause.mechanism == Mechanism.IMAGE_UNAVAILABLE or case.cause.wanted is not None or changed
