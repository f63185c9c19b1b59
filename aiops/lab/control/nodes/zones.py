"""How fast nodes of a zone may be given up: slower where most of a zone is silent, not at all where everything is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import condition_is, labels_of

RATE, SLOW_RATE = 0.1, 0.01
"""Nodes a second whose pods may be evicted, and where a large zone is partly disrupted."""

LARGE_ZONE = 50
UNHEALTHY_SHARE = 0.55

NORMAL, PARTIAL, FULL = "Normal", "PartialDisruption", "FullDisruption"


def zone_of(node: Manifest) -> str:
    """Region and zone, as `GetZoneKey` joins them; empty where the node says nothing."""
    labels = labels_of(node)
    region, zone = labels.get("topology.kubernetes.io/region", ""), labels.get("topology.kubernetes.io/zone", "")
    return f"{region}:\x00:{zone}" if region or zone else ""


@dataclass(slots=True)
class ZoneState:
    """A zone's nodes, and how it does."""

    size: int = 0
    silent: int = 0

    @property
    def state(self) -> str:
        if self.size and self.silent == self.size:
            return FULL
        return PARTIAL if self.silent > 2 and self.silent / self.size >= UNHEALTHY_SHARE else NORMAL

    @property
    def rate(self) -> float:
        """Nodes a second."""
        if self.state == PARTIAL:
            return SLOW_RATE if self.size > LARGE_ZONE else 0.0
        return RATE


def zone_states(nodes: Iterable[Manifest]) -> dict[str, ZoneState]:
    """Every zone by its key (`ComputeZoneState`)."""
    found: dict[str, ZoneState] = {}
    for node in nodes:
        zone = found.setdefault(zone_of(node), ZoneState())
        zone.size += 1
        zone.silent += not condition_is(node, "Ready")
    return found


class EvictionRates:
    """The next moment at which a node of each zone may be given up."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    def take(self, zone: str, rate: float, now: float) -> float | None:
        """None where one may go now; else when to ask again."""
        if rate <= 0:
            return now + 1 / SLOW_RATE
        moment = self._next.get(zone, 0.0)
        if moment > now:
            return moment
        self._next[zone] = now + 1 / rate
        return None
