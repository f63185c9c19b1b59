"""Links: calls that see the same endpoints within the same time are worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aiops.lab.traffic.callgraph.drafts import DraftCall
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.traffic.network.interference import Path

_CLEAR = Path()


@dataclass(frozen=True, slots=True)
class DraftLink:
    """A link before it has a place in the arrays. `edges` are (handler, share of the connections), `ways` their paths
    where any of them is not clear."""

    edges: tuple[tuple[int, float], ...]
    refused: float
    dropped: float
    unresolved: float
    denied: float
    reset: float
    timeout: float
    connect_timeout: float
    name_seconds: float
    level: int
    ways: tuple[Path, ...] = ()


def draft_links(
    calls: Sequence[DraftCall], place: Mapping[int, int], handler_levels: IntArray
) -> tuple[list[DraftLink], IntArray]:
    """The links by level, and each call's one. `place` is the handler of each draft handler."""
    numbers: dict[DraftLink, int] = {}
    chosen = [numbers.setdefault(_link(call, place, handler_levels), len(numbers)) for call in calls]
    links = sorted(numbers, key=lambda link: (link.level, numbers[link]))
    order = {numbers[link]: index for index, link in enumerate(links)}
    return links, np.array([order[number] for number in chosen], dtype=np.int64)


def _link(call: DraftCall, place: Mapping[int, int], levels: IntArray) -> DraftLink:
    edges = tuple((place[target], share) for target, share in call.edges)
    return DraftLink(
        edges,
        call.refused,
        call.dropped,
        call.unresolved,
        call.denied,
        call.reset,
        call.call.timeout,
        call.connect_timeout,
        call.name_seconds,
        max([1, *(int(levels[target]) + 1 for target, _ in edges)]),
        tuple(call.ways.get(target, _CLEAR) for target, _ in call.edges) if call.ways else (),
    )
