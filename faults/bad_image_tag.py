"""Fault: an image reference that no registry has."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault("image.unavailable", entity="Deployment", family="configuration", tags=frozenset({"kubernetes", "rollout"}))
async def bad_image_tag(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    suffix: Annotated[str, one_of("-rc1", "-rc2", "-hotfix", "-slim", "-build7", ".post1", "-amd64")],
) -> GroundTruth:
    """A Deployment is rolled out with a tag that was never pushed: new pods cannot pull their image."""
    container = (await target.get(deployment))["spec"]["template"]["spec"]["containers"][0]
    containers = [{"name": container["name"], "image": _with_suffix(container["image"], suffix)}]
    await target.patch(deployment, {"spec": {"template": {"spec": {"containers": containers}}}})
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.IMAGE_UNAVAILABLE,
        field=f"spec.template.spec.containers[{container['name']}].image",
    )


def _with_suffix(image: str, suffix: str) -> str:
    """The reference with a longer tag; a digest is dropped, because it would win over the tag."""
    name = image.partition("@")[0]
    has_tag = ":" in name.rpartition("/")[2]
    return f"{name}{suffix}" if has_tag else f"{name}:latest{suffix}"
