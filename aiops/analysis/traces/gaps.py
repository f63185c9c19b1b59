"""Time lost between a caller and what it calls: the network, and queues before the callee's first instruction."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.analysis.traces.self_time import is_client
from aiops.analysis.traces.tree import Node


def gaps(nodes: Iterable[Node]) -> dict[tuple[str, str], list[float]]:
    """(calling service, called service) -> seconds by which each client span outlasts its server span.

    Durations are compared, never starts, so that skewed clocks do not matter.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for node in nodes:
        if not is_client(node.span):
            continue
        for child in node.children:
            if child.span.service != node.span.service:
                gap = max(node.span.duration - child.span.duration, 0.0)
                found.setdefault((node.span.service, child.span.service), []).append(gap)
    return found
