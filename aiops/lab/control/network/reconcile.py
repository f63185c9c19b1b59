"""Endpoints in slices: as few changes to as few slices as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiops.core.entity import Manifest

SLICE_SIZE = 100

Endpoint = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """What is to be written: new lists of endpoints, changed slices with theirs, and slices that go."""

    create: list[list[Endpoint]] = field(default_factory=list)
    update: list[tuple[Manifest, list[Endpoint]]] = field(default_factory=list)
    delete: list[Manifest] = field(default_factory=list)


def reconcile(existing: Sequence[Manifest], wanted: Sequence[Endpoint], size: int = SLICE_SIZE) -> Changes:
    """Spread the wanted endpoints over slices of one set of ports, as `reconcileByPortMapping`: what stays keeps its
    slice; new ones fill slices that change anyway, then slices with room, then new slices."""
    missing = {_identity(endpoint): endpoint for endpoint in wanted}
    kept: list[tuple[Manifest, list[Endpoint], bool]] = []
    changes = Changes()
    for piece in existing:
        before = piece.get("endpoints") or []
        after = [missing.pop(_identity(endpoint)) for endpoint in before if _identity(endpoint) in missing]
        kept.append((piece, after, after != before))
    rest = list(missing.values())
    while len(rest) >= size:
        changes.create.append(rest[:size])
        rest = rest[size:]
    for changed in (True, False):
        for index, (piece, after, differs) in enumerate(kept):
            room = size - len(after)
            fits = after or changed
            if rest and differs is changed and room > 0 and fits and (changed or room >= len(rest)):
                kept[index] = (piece, after + rest[:room], True)
                rest = rest[room:]
    if rest:
        changes.create.append(rest)
    for piece, after, differs in kept:
        if not after:
            changes.delete.append(piece)
        elif differs:
            changes.update.append((piece, after))
    return changes


def _identity(endpoint: Endpoint) -> tuple[str, ...]:
    target = endpoint.get("targetRef") or {}
    return (*endpoint["addresses"], target.get("uid", ""), endpoint.get("hostname", ""))
