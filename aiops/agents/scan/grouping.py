"""Puts together what has one cause: a hundred failing pods of one deployment are one finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from aiops.agents.scan.report import ScanFinding, Severity
from aiops.agents.scan.sighting import CONVINCING, Sighting
from aiops.core.entity import Entity

Key = tuple[str, str, str]

MOST_ALSO = 12
"""Further sentences of one finding."""


def group(sightings: Iterable[Sighting]) -> list[ScanFinding]:
    """One finding for each cause, the worst first.

    A sighting that tells no cause is added to the strongest one that concerns a workload of its own, or one to which
    its calls fail; those that nothing explains are put together by workload."""
    merged = _merged(sightings)
    causes = [one for one in merged if one.strength >= CONVINCING]
    rest: dict[Key, list[Sighting]] = defaultdict(list)
    by_workload = _strongest_by_workload(causes)
    heads: dict[Entity, Sighting] = {}
    unexplained = sorted((one for one in merged if one.strength < CONVINCING), key=_order)
    for one in unexplained:
        near = (*one.workloads, *one.downstream)
        head = next((by_workload[workload] for workload in near if workload in by_workload), None)
        head = head or next((heads[workload] for workload in one.workloads if workload in heads), None)
        if head is not None:
            rest[head.key].append(one)
            continue
        causes.append(one)
        heads.update(dict.fromkeys(one.workloads, one))
    groups = [(head, rest[head.key]) for head in causes]
    return [_finding(*one) for one in sorted(groups, key=lambda one: _order(_worst(*one)))]


def _merged(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Sightings of one check about one subject, as one."""
    found: dict[Key, Sighting] = {}
    for one in sightings:
        found[one.key] = found[one.key].joined(one) if one.key in found else one
    return list(found.values())


def _strongest_by_workload(causes: list[Sighting]) -> dict[Entity, Sighting]:
    found: dict[Entity, Sighting] = {}
    for cause in sorted(causes, key=lambda cause: (-cause.strength, _order(cause))):
        for workload in cause.workloads:
            found.setdefault(workload, cause)
    return found


def _order(one: Sighting) -> tuple[int, float, int, str, str]:
    return one.severity.rank, -one.strength, -len(one.workloads), str(one.subject), one.check


def _worst(head: Sighting, rest: list[Sighting]) -> Sighting:
    """The head with the severity of the worst sighting of its group."""
    worst = head
    for one in rest:
        worst = worst.joined(one)
    return worst


def _finding(head: Sighting, rest: list[Sighting]) -> ScanFinding:
    worst = _worst(head, rest)
    titles = [one.title for one in sorted(rest, key=_order)]
    return ScanFinding(
        subject=head.subject,
        severity=Severity(worst.severity),
        title=head.title,
        detail=head.detail,
        since=head.since if head.since is not None else worst.since,
        mechanism=head.mechanism,
        query=head.query,
        also=tuple(dict.fromkeys(titles))[:MOST_ALSO],
        workloads=tuple(dict.fromkeys([*head.workloads, *(w for one in rest for w in one.workloads)])),
        times=head.times,
    )
