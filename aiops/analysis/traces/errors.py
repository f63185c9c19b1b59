"""Where errors began: an erring span with no erring span below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aiops.analysis.traces.self_time import is_client
from aiops.analysis.traces.tree import Node

Origin = tuple[str, str]
"""(service, what it called): the second is empty where the service failed by itself."""


def error_origins(nodes: Iterable[Node]) -> Counter[Origin]:
    """How many errors began at each origin.

    A client span with no erring span below it failed on the way: the origin is then the edge to what it called
    (`server.address`), because the callee never saw the request or did not record it.
    """
    origins: Counter[Origin] = Counter()
    for node in nodes:
        if not node.span.error or any(child.span.error for child in node.children):
            continue
        called = node.span.attributes.get("server.address", "") if is_client(node.span) else ""
        origins[node.span.service, called] += 1
    return origins
