"""Image references of workloads: what they name, and what their pods run."""

from __future__ import annotations

import re

from aiops.core.entity import Manifest
from aiops.core.target import Target
from aiops.faults.kit.workloads import pods_of


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
