"""Image references of workloads: what they name, and what their pods run."""

from __future__ import annotations

import re

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.target import Target
from aiops.faults.kit.workloads import containers, for_container, original, pods_of
from aiops.faults.registry import Before


def without_digest(image: str) -> str:
    """The reference without its digest."""
    return image.partition("@")[0]


def repository_of(image: str) -> str:
    """The reference without tag and digest: `registry.example.com/shop/web`."""
    head, slash, last = without_digest(image).rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def tag_of(image: str) -> str:
    """The tag; `latest` where there is none."""
    return without_digest(image).rpartition("/")[2].partition(":")[2] or "latest"


async def running(target: Target, deployment: Manifest, container: str) -> list[tuple[str, str]]:
    """(image, digest) of the container in every pod where it runs and is ready."""
    return [
        (status["image"], status.get("imageID", "").rpartition("@")[2])
        for pod in await pods_of(target, deployment)
        for status in (pod.get("status") or {}).get("containerStatuses") or ()
        if status["name"] == container and status.get("ready") and "running" in (status.get("state") or {})
    ]


def next_version(tag: str, step: int) -> str:
    """A later version: the last number of the tag is higher by `step`."""
    match = re.fullmatch(r"(.*?)(\d+)(\D*)", tag)
    return f"{match[1]}{int(match[2]) + step}{match[3]}" if match else f"{tag}-{step}"


async def pin_what_ran(target: Target, before: Before, deployment: Entity) -> None:
    """Give a Deployment's first container the image that it had, by the digest that old pods still run. Raises
    `NotPossibleError` where none does."""
    old = original(before, deployment)
    container = containers(old)[0]
    for image, digest in await running(target, old, container["name"]):
        if digest and image == container["image"]:
            await target.patch(deployment, for_container(container["name"], image=f"{image}@{digest}"))
            return
    raise NotPossibleError(f"{deployment}: no pod runs {container['image']} any more")
