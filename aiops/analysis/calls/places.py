"""Where packets suffer: which node, pair of nodes or edge explains best which calls fail without an answer or wait.

Each hypothesis says what share of each caller's calls it touches: all calls of a node's pods to others and, of calls
to a Service, the share of its pods there. A least-squares fit of that share to the trouble seen tells how much of it
the hypothesis explains (the idea of binary network tomography, N. Duffield, "Network tomography of binary network
performance characteristics", IEEE Trans. Inf. Theory 52, 2006, with shares in place of paths).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiops.core.entity import Entity

BAD = 0.05
"""Share of a leg's calls that has to suffer to count."""

EXPLAINED = 0.6
"""Share of the trouble that a place has to explain."""

CLEARER = 0.1
"""By how much a node or a pair of nodes has to explain more than one edge does: few legs suffer by chance alike."""


@dataclass(frozen=True, slots=True)
class Leg:
    """The calls of one workload's pods on one node to one Service.

    `trouble` in 0..1: the share that fails without an answer beyond what failed before, or the share of its time by
    which a call is slower. `targets` is the share of the Service's pods by node. `failing`: is it failures?
    `measured`: does the Service measure its own answers, and find itself well?
    """

    caller: Entity
    node: str
    service: Entity
    callees: tuple[Entity, ...]
    targets: Mapping[str, float]
    trouble: float
    failing: bool
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What explains the trouble. `nodes`: one node, or the two of a pair; else the edge `caller` to `service`.

    `explains` in 0..1; `share` of the calls that it touches suffers; `legs` are those that it touches and that suffer.
    """

    nodes: tuple[str, ...]
    caller: Entity | None
    service: Entity | None
    explains: float
    share: float
    legs: tuple[Leg, ...]

    @property
    def is_wide(self) -> bool:
        """Do several workloads and several Services suffer from it? One alone is no matter of a node."""
        return len({leg.service for leg in self.legs}) > 1 and len({leg.caller for leg in self.legs}) > 1


def locate(legs: Sequence[Leg]) -> Place | None:
    """The place that explains best which legs suffer, or None: nothing does, or what a Service or a caller does itself
    explains it as well (all its callers, all its calls)."""
    plain = without_victims(legs)
    if not any(leg.trouble >= BAD for leg in plain):
        return None
    edges = [_edge(plain, caller, service) for caller, service in _edges(plain)]
    nodes = sorted({leg.node for leg in plain} | {node for leg in plain for node in leg.targets})
    spots = [node_place(plain, node) for node in nodes]
    spots += [_pair(plain, a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :]]
    edge = max(edges, key=lambda place: (place.explains, str(place.caller), str(place.service)), default=None)
    spot = max((s for s in spots if s.is_wide), key=lambda place: (place.explains, -len(place.nodes)), default=None)
    parties = max((_share_of_trouble(plain, party) for party in _parties(plain)), default=0.0)
    if spot is not None and spot.explains >= EXPLAINED and spot.explains >= (edge.explains if edge else 0.0) + CLEARER:
        return spot if spot.explains > parties else None
    if edge is None or edge.explains < EXPLAINED:
        return None
    return edge if edge.explains >= parties - CLEARER and _is_alone(plain, edge) else None


def without_victims(legs: Sequence[Leg]) -> list[Leg]:
    """The legs to workloads whose own calls are well: others may wait for what they call."""
    ill = {leg.caller for leg in legs if leg.trouble >= BAD}
    return [leg for leg in legs if not ill.intersection(leg.callees)]


def _edges(legs: Iterable[Leg]) -> list[tuple[Entity, Entity]]:
    found = {(leg.caller, leg.service) for leg in legs if leg.trouble >= BAD}
    return sorted(found, key=lambda pair: (str(pair[0]), str(pair[1])))


def _edge(legs: Sequence[Leg], caller: Entity, service: Entity) -> Place:
    def touched(leg: Leg) -> float:
        return float((leg.caller, leg.service) == (caller, service))

    return _fit(legs, touched, (), caller, service)


def node_place(legs: Sequence[Leg], node: str) -> Place:
    """A node, with what it explains of the trouble of the legs."""

    def touched(leg: Leg) -> float:
        return 1.0 if leg.node == node else leg.targets.get(node, 0.0)

    # Of calls within the node nothing is known: they may pass its card or not.
    return _fit([leg for leg in legs if leg.node != node or leg.targets.get(node, 0.0) < 1], touched, (node,))


def _pair(legs: Sequence[Leg], one: str, other: str) -> Place:
    def touched(leg: Leg) -> float:
        across = {one: other, other: one}.get(leg.node)
        return leg.targets.get(across, 0.0) if across else 0.0

    return _fit(legs, touched, (one, other))


def _fit(
    legs: Sequence[Leg],
    touched: Callable[[Leg], float],
    nodes: tuple[str, ...],
    caller: Entity | None = None,
    service: Entity | None = None,
) -> Place:
    shares = [touched(leg) for leg in legs]
    size = sum(share * share for share in shares)
    share = min(sum(s * leg.trouble for s, leg in zip(shares, legs, strict=True)) / size, 1.0) if size else 0.0
    left = sum((leg.trouble - share * s) ** 2 for s, leg in zip(shares, legs, strict=True))
    whole = sum(leg.trouble**2 for leg in legs)
    hit = tuple(leg for s, leg in zip(shares, legs, strict=True) if s > 0 and leg.trouble >= BAD)
    return Place(nodes, caller, service, max(1 - left / whole, 0.0) if whole else 0.0, share, hit)


def _parties(legs: Sequence[Leg]) -> list[Callable[[Leg], bool]]:
    """Those to whom trouble may belong by themselves: a Service with several callers, a workload with several calls."""
    services = {leg.service: {o.caller for o in legs if o.service == leg.service} for leg in legs}
    callers = {leg.caller: {o.service for o in legs if o.caller == leg.caller} for leg in legs}
    found: list[Callable[[Leg], bool]] = []
    found += [_to(service) for service, made in services.items() if len(made) > 1]
    found += [_of(caller) for caller, made in callers.items() if len(made) > 1]
    return found


def _to(service: Entity) -> Callable[[Leg], bool]:
    return lambda leg: leg.service == service


def _of(caller: Entity) -> Callable[[Leg], bool]:
    return lambda leg: leg.caller == caller


def _share_of_trouble(legs: Sequence[Leg], party: Callable[[Leg], bool]) -> float:
    """How much of the trouble a party explains; nothing where one of its legs is well."""
    mine = [leg for leg in legs if party(leg)]
    if any(leg.trouble < BAD for leg in mine):
        return 0.0
    return _fit(legs, lambda leg: float(party(leg)), ()).explains


def _is_alone(legs: Sequence[Leg], edge: Place) -> bool:
    """Is the caller well with all else, and the Service with all others, as far as there are any?"""
    others = [leg for leg in legs if (leg.caller == edge.caller) != (leg.service == edge.service)]
    return not any(leg.trouble >= BAD for leg in others)
