"""Whether what a Deployment asks for now is seen to work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.target import Target
from aiops.faults.kit.places import is_ready
from aiops.faults.kit.workloads import pods_of

Part = Callable[[Manifest], Any]
"""Reads something from the spec of a pod, that of a template or of a pod that runs."""


async def works(target: Target, deployment: Manifest, part: Part) -> bool:
    """Whether a pod is ready that has the same `part` as the Deployment's template."""
    wanted = part(deployment["spec"]["template"]["spec"])
    return any(is_ready(pod) and part(pod["spec"]) == wanted for pod in await pods_of(target, deployment))
