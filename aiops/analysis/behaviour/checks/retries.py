"""Callers that repeat their calls."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import FAILING, suffers
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

MORE = 1.3
"""Factor by which calls out grow against requests in."""

STRENGTH = 0.3
"""Calls that fail are repeated by callers that always did; a change of the caller makes it sure."""

LEAST = 0.5
"""Calls a second."""


@behaviour("retries")
def retries(picture: Picture) -> Iterator[Sighting]:
    """A caller whose calls out for each request in grew, while its calls fail."""
    for caller in sorted({call.source for call in picture.calls}, key=str):
        factor = _factor(picture, caller)
        failing = max((call.failing[1] - call.failing[0] for call in picture.outgoing(caller)), default=0.0)
        if factor < MORE or failing < FAILING:
            continue
        hit = [call.target for call in picture.outgoing(caller) if suffers(call)]
        for place in dict.fromkeys([caller, *hit]):
            yield Sighting(
                subject=place,
                signal="calls",
                summary=f"{caller} makes {factor:.1f} times the calls for each request that it gets.",
                observed=f"{factor:.2f} times the calls of before for a request",
                baseline="1",
                score=0.5,
                blames=blames(caller, Mechanism.LOAD_RETRIES, STRENGTH),
            )


def _factor(picture: Picture, caller: Entity) -> float:
    """By how much the calls out for each request in grew; 0 where that cannot be told."""
    out, into = picture.outgoing(caller), picture.incoming(caller)
    out_before, out_now = (sum(call.rate[i] or 0.0 for call in out) for i in (0, 1))
    in_before, in_now = (sum(call.rate[i] or 0.0 for call in into) for i in (0, 1))
    if min(out_before, in_before, in_now) < LEAST:
        return 0.0
    return (out_now / in_now) / (out_before / in_before)
