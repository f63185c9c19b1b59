"""The Corefile of the cluster's DNS, as people edit it."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.target import Target
from aiops.faults.kit.workloads import find

CONFIG = Entity(kind="ConfigMap", namespace="kube-system", name="coredns")
KEY = "Corefile"
FIELD = f"data.{KEY}"

_INDENT = "    "
_AFTER = "ready"
"""The line after which people add something."""


async def corefile(target: Target) -> str:
    """The text; empty where there is none."""
    config = await find(target, CONFIG)
    return str(((config or {}).get("data") or {}).get(KEY, ""))


async def add_block(target: Target, first: str, rest: Sequence[str]) -> None:
    """Add lines to the server block. Raises `NotPossibleError` where it has not the usual form."""
    added = "\n".join(f"{_INDENT}{line}" for line in (first, *rest))
    await replace(target, f"{_INDENT}{_AFTER}\n", f"{_INDENT}{_AFTER}\n{added}\n")


async def replace(target: Target, old: str, new: str) -> None:
    """Write something in place of something else. Raises `NotPossibleError` where that is not there."""
    text = await corefile(target)
    if old not in text:
        raise NotPossibleError(f"{CONFIG}: its {KEY} has no {old.strip()!r}")
    await target.patch(CONFIG, {"data": {KEY: text.replace(old, new, 1)}}, "merge")


def full_name(service: Entity) -> str:
    """The name of a Service in the cluster's zone."""
    return f"{service.name}.{service.namespace}.svc.cluster.local"
