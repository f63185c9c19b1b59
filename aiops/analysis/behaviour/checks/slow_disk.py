"""Volumes that answer slowly."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import anybody_grew, asked_more, disk_waits, is_busy, suffers, suspects
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

STRENGTH, BESIDE_NEWCOMERS = 0.65, 0.4
"""How far waiting for a disk speaks against the volume, and where somebody new is on the node."""

MORE = 1.3
"""Factor by which callers may want more before their load is what the disk is busy with."""


@behaviour("slow-disk")
def slow_disk(picture: Picture) -> Iterator[Sighting]:
    """A store with a volume that keeps its clients waiting and is not busy itself, on a machine that waits for its
    disk while nobody there moves more bytes than before: the volume has become slow."""
    new = {name for one in suspects(picture) for name in picture.nodes.get(one.entity, ())}
    for store in sorted(picture.claims, key=str):
        if not any(suffers(call) for call in picture.incoming(store)) or asked_more(picture, store, MORE):
            continue
        if not disk_waits(picture, store) or is_busy(picture, store):
            continue
        nodes = picture.nodes.get(store, ())
        if not any(anybody_grew(picture, node, "disk") for node in nodes):
            yield _sighting(picture, store, BESIDE_NEWCOMERS if new.intersection(nodes) else STRENGTH)


def _sighting(picture: Picture, store: Entity, strength: float) -> Sighting:
    claims = picture.claims[store]
    return Sighting(
        subject=store,
        signal="disk",
        summary=f"{store} waits for its disk, though nobody on its node reads or writes more than before.",
        observed=", ".join(str(claim) for claim in claims),
        baseline="",
        score=0.8,
        blames=tuple(
            Hypothesis(subject=claim, mechanism=Mechanism.STORAGE_SLOW, strength=strength) for claim in claims
        ),
    )
