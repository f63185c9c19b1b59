"""Which machine's own counters fit the calls that suffer, such as those of segments sent again.

Callers retry, wait and fail one after another, so the calls alone may fit no place well. But node exporters count at
each machine. TCP tells what a sender had to send again: with a bad card all that a machine sends to others is in
question, and of what others send only the part that goes there. So the machine stands out, and hardly a call suffers
that has nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiops.analysis.calls.places import BAD, Leg, Place, node_place, without_victims

STANDS_OUT = 1.8
"""Factor by which a machine's figure is above that of any other one."""

COVERED = 0.9
"""Share of the trouble that calls from or to it have."""

FEWEST = 3
"""Machines from which one can stand out: of two that talk to each other both send again."""


def outstanding_node(legs: Sequence[Leg], figures: Mapping[str, float]) -> Place | None:
    """The node that stands out in `figures` (the more the worse, 0 where all is well) and that touches the trouble.

    What its place explains is the share of the trouble that touches it. None where no node is so.
    """
    ordered = sorted(figures.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ordered) < FEWEST or ordered[0][1] <= 0 or ordered[0][1] < STANDS_OUT * ordered[1][1]:
        return None
    plain = without_victims(legs)
    place = node_place(plain, ordered[0][0])
    whole = sum(leg.trouble for leg in plain if leg.trouble >= BAD)
    covered = sum(leg.trouble for leg in place.legs) / whole if whole else 0.0
    return replace(place, explains=covered) if place.is_wide and covered >= COVERED else None
