"""Who calls whom: layers of services, grown by preferential attachment.

Source: A.-L. Barabási, R. Albert, "Emergence of scaling in random networks", Science 286, 1999; call graphs in
production have the few popular services that it gives (S. Luo et al., "Characterizing microservice dependency and
performance: Alibaba trace analysis", SoCC 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_SHARES = (0.28, 0.44, 0.28)
"""How the services behind the front door spread over the layers, of three; more layers share the middle."""
_EXTRA = 0.5
"""Further callers that a service has on average."""
_MOST_CALLED = 10
"""Services that one calls at most."""


@dataclass(frozen=True, slots=True)
class Topology:
    """Services by number; 0 is the front door, alone in layer 0. `calls` are (caller, callee), each once; a callee lies
    in a deeper layer. `consumers` stand outside the layers and call services of the last one."""

    layers: tuple[int, ...]
    calls: tuple[tuple[int, int], ...]
    consumers: tuple[int, ...]

    @property
    def depth(self) -> int:
        return max(self.layers)


def draw_topology(services: int, rng: Random) -> Topology:
    """A topology of this many services, each of which has a caller or consumes."""
    consuming = max(1, services // 25)
    layered = services - consuming
    depth = 3 + (services > 30) + (services > 120)
    layers = [0, *sorted(_layer(rng, depth) for _ in range(layered - 1 - depth)), *range(1, depth + 1)]
    layers = [0, *sorted(layers[1:])]
    calls: dict[tuple[int, int], None] = {}
    made, got = [0] * services, [0] * services
    for callee in range(1, layered):
        above = [i for i in range(callee) if layers[i] == layers[callee] - 1]
        _add(calls, made, got, _preferred(rng, above, made), callee)
    for caller in range(1, layered):
        below = [i for i in range(caller + 1, layered) if layers[i] > layers[caller]]
        while below and rng.random() < _EXTRA / (1 + _EXTRA) and made[caller] < _MOST_CALLED:
            _add(calls, made, got, caller, _preferred(rng, below, got))
    last = [i for i in range(layered) if layers[i] == depth]
    for consumer in range(layered, services):
        for callee in rng.sample(last, min(len(last), rng.randint(0, 2))):
            _add(calls, made, got, consumer, callee)
    return Topology((*layers, *[depth - 1] * consuming), tuple(sorted(calls)), tuple(range(layered, services)))


def _layer(rng: Random, depth: int) -> int:
    first, _, last = _SHARES
    drawn = rng.random()
    if drawn < first:
        return 1
    return depth if drawn > 1 - last else rng.randint(2, depth - 1)


def _preferred(rng: Random, among: list[int], degrees: list[int]) -> int:
    """One of them, the likelier the more it has already; one that calls too much already only where all do."""
    free = [i for i in among if degrees[i] < _MOST_CALLED] or among
    return rng.choices(free, [degrees[i] + 1 for i in free])[0]


def _add(calls: dict[tuple[int, int], None], made: list[int], got: list[int], caller: int, callee: int) -> None:
    if (caller, callee) not in calls:
        calls[caller, callee] = None
        made[caller] += 1
        got[callee] += 1
