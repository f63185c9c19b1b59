"""Versions of images: the next one, who runs it, how it is rolled out."""

from __future__ import annotations

import re

from aiops.core.disturbance import Behaviour
from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.target import Target
from aiops.faults.kit.images import repository_of, tag_of
from aiops.faults.kit.workloads import container_named, containers, find, for_container, original
from aiops.faults.registry import Before

_NUMBERS = re.compile(r"(v?)(\d+)\.(\d+)\.(\d+)(.*)")


def reference(image: str) -> tuple[str, str]:
    """(repository with its registry, tag) of an image."""
    return repository_of(image), tag_of(image)


def version_after(version: str, bump: str) -> str:
    """The version after one of the form `1.6.1`; `bump` is `patch` or `minor`. Raises `NotPossibleError`."""
    match = _NUMBERS.fullmatch(version)
    if match is None:
        raise NotPossibleError(f"no version comes after {version!r}")
    prefix, major, minor, patch, rest = match[1], int(match[2]), int(match[3]), int(match[4]), match[5]
    minor, patch = (minor, patch + 1) if bump == "patch" else (minor + 1, 0)
    return f"{prefix}{major}.{minor}.{patch}{rest}"


async def release(target: Target, deployment: Entity, bump: str, *behaviours: Behaviour) -> str:
    """Publish the version after the one that a Deployment runs, with a program that behaves so, and roll it out. Gives
    the path of the changed field."""
    container = containers(await target.get(deployment))[0]
    repository, version = reference(container["image"])
    new = version_after(version, bump)
    await target.disturb(Release(image=repository, version=new, behaviours=behaviours))
    await run_version(target, deployment, container, new)
    return image_field(container)


def image_field(container: Manifest) -> str:
    """Where a container's image stands in its Deployment."""
    return f"spec.template.spec.containers[{container['name']}].image"


async def run_version(target: Target, deployment: Entity, container: Manifest, version: str) -> None:
    """Set the tag of a container's image."""
    image = f"{reference(container['image'])[0]}:{version}"
    await target.patch(deployment, for_container(container["name"], image=image))


async def still_released(target: Target, before: Before, deployment: Entity, bump: str, **_: object) -> bool:
    """Whether the version that `release` rolled out is still asked for, or the container is gone."""
    container = containers(original(before, deployment))[0]
    version = version_after(reference(container["image"])[1], bump)
    return await asks_for(target, deployment, container, version)


async def asks_for(target: Target, deployment: Entity, container: Manifest, version: str) -> bool:
    """Whether a workload's container is to run this version; true as well where either is gone."""
    present = await find(target, deployment)
    found = container_named(present, container["name"]) if present else None
    return found is None or reference(found["image"])[1] == version


async def roll_forward(target: Target, before: Before, deployment: Entity, bump: str, **_: object) -> None:
    """Publish the version after the one that `release` rolled out, with nothing wrong in it, and roll it out."""
    container = containers(original(before, deployment))[0]
    repository, version = reference(container["image"])
    mended = version_after(version_after(version, bump), "patch")
    await target.disturb(Release(image=repository, version=mended))
    await run_version(target, deployment, container, mended)
