"""Neighbours on a node that take its CPU, its memory, its disk or its link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiops.analysis.behaviour.neighbourhood import anybody_grew, share_of, suffering, suspects
from aiops.analysis.behaviour.picture import Newcomer, Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism


@dataclass(frozen=True, slots=True)
class Scarce:
    """A resource of a node: `signal` of the node that tells that it is at its end (`rises` by `least`), the signal of a
    workload that tells who takes it, and the share of it from which that one is to blame."""

    mechanism: Mechanism
    node_signal: str
    rises: bool
    least: float
    own_signal: str
    share: float
    what: str


SCARCE = (
    Scarce(Mechanism.RESOURCE_CPU_HOG, "node_cpu_waiting", True, 0.1, "cpu", 0.3, "the CPU"),
    Scarce(Mechanism.RESOURCE_MEMORY_HOG, "node_memory_free", False, 0.1, "memory", 0.2, "the memory"),
    Scarce(Mechanism.RESOURCE_IO_HOG, "node_disk_waiting", True, 0.15, "disk", 0.4, "the disk"),
    Scarce(Mechanism.NETWORK_BANDWIDTH, "node_link", True, 0.5, "network", 0.5, "the link"),
)

STRENGTH, UNSEEN = 0.88, 0.55
"""Strength where a newcomer's use is seen, and where nobody's on the node grew though the resource is at its end."""


@behaviour("hogs")
def hogs(picture: Picture) -> Iterator[Sighting]:
    """A workload that came, or was told to do more, just before a node ran out of what that workload takes most of."""
    victims = suffering(picture)
    for newcomer in suspects(picture):
        for scarce in SCARCE:
            for name in picture.nodes.get(newcomer.entity, ()):
                node = Entity(kind="Node", name=name)
                if not _is_scarce(picture, node, scarce):
                    continue
                share = _share(picture, newcomer.entity, name, scarce)
                if share >= scarce.share:
                    yield from _of_node(picture, newcomer, name, share, scarce, victims)
                elif scarce.mechanism == Mechanism.RESOURCE_IO_HOG and not anybody_grew(
                    picture, name, scarce.own_signal
                ):
                    yield from _of_node(picture, newcomer, name, None, scarce, victims)


def _is_scarce(picture: Picture, node: Entity, scarce: Scarce) -> bool:
    level = picture.level(node, scarce.node_signal)
    if level is None:
        return False
    return level.rose(2.0, scarce.least) if scarce.rises else level.fell(0.7, scarce.least)


def _share(picture: Picture, workload: Entity, node: str, scarce: Scarce) -> float:
    neighbours = [other for other, nodes in picture.nodes.items() if node in nodes]
    return share_of(picture, workload, scarce.own_signal, neighbours)


def _of_node(
    picture: Picture, newcomer: Newcomer, node: str, share: float | None, scarce: Scarce, victims: list[Entity]
) -> Iterator[Sighting]:
    """One sighting for each neighbour that suffers; where those have gone from the node, for all that suffer."""
    there = [victim for victim in victims if node in picture.nodes.get(victim, ())]
    use = f"{share:.0%} of {scarce.what} that pods of the node use" if share is not None else "it came just before"
    for victim in there or victims or picture.entries:
        if victim != newcomer.entity:
            yield Sighting(
                subject=victim,
                signal=scarce.own_signal,
                summary=f"{newcomer.entity} takes {scarce.what} of node {node}, and {victim} suffers.",
                observed=use,
                baseline="",
                score=0.5,
                blames=blames(newcomer.entity, scarce.mechanism, UNSEEN if share is None else STRENGTH),
            )
