"""Accelerators that fail, are hot, are full, or hold up the others of their job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from aiops.analysis.behaviour.picture import Level, Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

HOT = 84.0
"""Degrees Celsius from which devices lower their clock."""

SLOWER_CLOCK = 0.9
"""Share of its clock at which a device runs still."""

FULL = 0.97
"""Share of a device's memory."""

APART = 0.25
"""By how much of the middle of its siblings a device's use differs, to hold them up."""

PROGRAMS = frozenset({13, 31, 43, 45})
"""Numbers of Xid errors that programs cause (NVIDIA, "XID Errors")."""


@behaviour("accelerator-failed")
def failed(picture: Picture) -> Iterator[Sighting]:
    """A device that reports an error of its hardware or driver."""
    for node, part, level in _levels(picture, "device_error"):
        if level.now > 0 and level.now != level.before and int(level.now) not in PROGRAMS:
            yield _sighting(node, part, "device_error", Mechanism.ACCELERATOR_FAILED, 0.85, level, "reports Xid")


@behaviour("accelerator-throttled")
def throttled(picture: Picture) -> Iterator[Sighting]:
    """A device that is hot and runs at a lower clock than before."""
    hot = {(node, part) for node, part, level in _levels(picture, "device_celsius") if level.now >= HOT}
    for node, part, level in _levels(picture, "device_clock"):
        if (node, part) in hot and level.fell(SLOWER_CLOCK, 1.0):
            yield _sighting(
                node, part, "device_clock", Mechanism.ACCELERATOR_THROTTLED, 0.85, level, "is hot; clock MHz"
            )


@behaviour("accelerator-memory")
def memory(picture: Picture) -> Iterator[Sighting]:
    """A device whose memory has filled."""
    for node, part, level in _levels(picture, "device_memory"):
        if level.now >= FULL > level.before + 0.05:
            yield _sighting(node, part, "device_memory", Mechanism.ACCELERATOR_MEMORY, 0.6, level, "has no memory left")


@behaviour("accelerator-straggler")
def straggler(picture: Picture) -> Iterator[Sighting]:
    """One node whose devices work differently from those of all others, which did the same before."""
    by_node: dict[Entity, list[Level]] = defaultdict(list)
    for node, _, level in _levels(picture, "device_busy"):
        by_node[node].append(level)
    means = {node: float(np.mean([level.now for level in levels])) for node, levels in by_node.items()}
    if len(means) < 3:
        return
    middle = float(np.median(list(means.values())))
    apart = [node for node, mean in means.items() if abs(mean - middle) > APART * max(middle, 1.0)]
    if len(apart) == 1:
        node = apart[0]
        level = by_node[node][0]
        yield _sighting(node, "", "device_busy", Mechanism.ACCELERATOR_STRAGGLER, 0.5, level, "works unlike the others")


def _levels(picture: Picture, signal: str) -> list[tuple[Entity, str, Level]]:
    return [
        (node, part, level)
        for (node, part, name), series in sorted(picture.devices.items(), key=lambda pair: str(pair[0]))
        if name == signal and (level := picture.level_of(series)) is not None
    ]


def _sighting(
    node: Entity, part: str, signal: str, mechanism: Mechanism, strength: float, level: Level, says: str
) -> Sighting:
    device = f"Device {part} of {node}" if part else f"{node}"
    return Sighting(
        subject=node,
        signal=signal,
        summary=f"{device} {says} {level.now:.4g}.",
        observed=f"{level.now:.4g}",
        baseline=f"{level.before:.4g}",
        score=0.9,
        blames=blames(node, mechanism, strength),
    )
