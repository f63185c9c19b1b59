"""Changing what a running container may use, in place."""

from __future__ import annotations

from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity

_RESIZABLE = ("cpu", "memory")


def limits_of(spec: Manifest) -> tuple[float | None, float | None]:
    """(memory in bytes, CPU in cores) that a container may use; None where there is no limit."""
    limits = (spec.get("resources") or {}).get("limits") or {}
    memory = parse_quantity(limits["memory"]) if "memory" in limits else None
    return memory, parse_quantity(limits["cpu"]) if "cpu" in limits else None


def must_restart(spec: Manifest, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Does the container ask to be restarted when one of these amounts changes?"""
    policies = {each["resourceName"]: each["restartPolicy"] for each in spec.get("resizePolicy") or ()}
    changed = [name for name in _RESIZABLE if _amounts(before, name) != _amounts(after, name)]
    return any(policies.get(name) == "RestartContainer" for name in changed)


def resize_message(pod: Manifest) -> str:
    """What the kubelet says of a resize that it has made."""
    containers = [
        {"name": each["name"], "resources": each.get("resources") or {}} for each in pod["spec"]["containers"]
    ]
    shown = {"containers": containers, "generation": pod["metadata"].get("generation", 1)}
    return f"Pod resize completed: {orjson.dumps(shown).decode()}"


def _amounts(resources: dict[str, Any], name: str) -> tuple[Any, Any]:
    return (resources.get("requests") or {}).get(name), (resources.get("limits") or {}).get(name)
