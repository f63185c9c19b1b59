"""A cache that finds less than it did."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import amount
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

LEFT, LEAST = 0.75, 0.1
"""Share of the hit ratio that is left, and by how much it fell at least."""

OWN, OF_ITS_USERS = 0.65, 0.55
"""Strength of blaming the holder of a cache, and those who fill it from outside."""

NOTHING = 0.05


@behaviour("cache")
def cache(picture: Picture) -> Iterator[Sighting]:
    """The share of reads that a cache answers fell: it is off, too small, or keeps its entries for too short a time."""
    for holder in picture.having("hit_ratio"):
        ratio = picture.level(holder, "hit_ratio")
        if ratio is None or not ratio.fell(LEFT, LEAST):
            continue
        blamed = [*blames(holder, Mechanism.APP_CACHE, OWN)]
        for user in _users(picture, holder):
            blamed += blames(user, Mechanism.APP_CACHE, OF_ITS_USERS)
        yield Sighting(
            subject=holder,
            signal="hit_ratio",
            summary=f"The cache in {holder} answers fewer of the reads than before.",
            observed=amount(ratio.now, "of the reads"),
            baseline=amount(ratio.before, "of the reads"),
            score=0.5,
            blames=tuple(blamed),
        )


def _users(picture: Picture, holder: Entity) -> list[Entity]:
    """Who keeps entries in a cache that is a store of its own: what they keep and for how long is their setting."""
    if picture.level(holder, "served") is not None:
        return []
    return sorted({call.source for call in picture.incoming(holder) if (call.rate[0] or 0.0) > NOTHING}, key=str)
