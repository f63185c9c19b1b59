"""What a namespace that ends says about its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.kinds.resources import Resource

Condition = dict[str, Any]

_FINE = {
    "NamespaceDeletionDiscoveryFailure": ("ResourcesDiscovered", "All resources successfully discovered"),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
}


@dataclass(slots=True)
class Remains:
    """What is left in a namespace, what went wrong, and for how long (seconds) it may be waited for."""

    resources: Counter[str] = field(default_factory=Counter)
    finalizers: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    estimate: int = 0

    def add(self, resource: Resource, left: list[Manifest]) -> bool:
        """Count objects that are left. Has one of them a finalizer?"""
        self.resources[f"{resource.plural}.{resource.group}"] += len(left)
        held = [name for item in left for name in item["metadata"].get("finalizers") or ()]
        self.finalizers.update(held)
        return bool(held)


def conditions(before: Iterable[Condition], remains: Remains, now: float) -> list[Condition]:
    """The conditions after another look."""
    wrong = _wrong(remains)
    known = {entry["type"]: entry for entry in before}
    for kind, fine in _FINE.items():
        reason, message = wrong.get(kind, fine)
        status = "True" if kind in wrong else "False"
        old = known.get(kind)
        since = old.get("lastTransitionTime") if old is not None and old["status"] == status else None
        entry = {"type": kind, "status": status, "lastTransitionTime": since or rfc3339(now)}
        entry |= {"reason": reason, "message": message}
        known[kind] = entry
    return list(known.values())


def _wrong(remains: Remains) -> dict[str, tuple[str, str]]:
    wrong = {}
    if remains.resources:
        left = sorted(f"{name} has {count} resource instances" for name, count in remains.resources.items())
        message = f"Some resources are remaining: {', '.join(left)}"
        wrong["NamespaceContentRemaining"] = "SomeResourcesRemain", message
    if remains.finalizers:
        left = sorted(f"{name} in {count} resource instances" for name, count in remains.finalizers.items())
        message = f"Some content in the namespace has finalizers remaining: {', '.join(left)}"
        wrong["NamespaceFinalizersRemaining"] = "SomeFinalizersRemain", message
    if remains.errors:
        count, texts = len(remains.errors), ", ".join(sorted(remains.errors))
        message = f"Failed to delete all resource types, {count} remaining: {texts}"
        wrong["NamespaceDeletionContentFailure"] = "ContentDeletionFailed", message
    return wrong
