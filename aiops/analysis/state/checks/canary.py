"""A workload that came lately and shares another one's Service: some of the requests go to what nobody ran before."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.changes.mechanisms import image_mechanism
from aiops.analysis.state.before import LATELY
from aiops.analysis.state.cluster import ClusterState, container_of, containers, is_ready
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.changes import FieldChange
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import created_at

STRENGTH = 0.6
"""Most canaries are well: the calls to it have to suffer."""


@check("canary", whole=("Service",))
def canary(state: ClusterState) -> Iterator[Finding]:
    """Workloads made lately whose pods a Service takes together with those of an older workload, with other images."""
    said: set[Entity] = set()
    for service in state.of("Service"):
        behind = state.backends(service)
        for workload in behind:
            made = created_at(workload)
            older = [other for other in behind if other is not workload and _older(other, made)]
            entity = Entity.of(workload)
            if made is None or state.now - made > LATELY or not older or entity in said:
                continue
            pair = _other_image(workload, older[0])
            if pair is None or not any(map(is_ready, state.pods_of(entity))):
                continue
            said.add(entity)
            field, before, now = pair
            mechanism = image_mechanism(FieldChange(path="", old=before, new=now))
            yield Finding(
                subject=entity,
                seen_in=entity,
                summary=f"{entity} takes a share of the requests of {Entity.of(older[0])} and runs another image.",
                observed=f"{now} beside {before}, behind {Entity.of(service)}",
                score=0.4,
                since=made,
                suggests=blame(entity, mechanism, STRENGTH, field),
            )


def _older(workload: Manifest, made: float | None) -> bool:
    other = created_at(workload)
    return made is not None and (other is None or other < made)


def _other_image(workload: Manifest, older: Manifest) -> tuple[str, str, str] | None:
    """(path, image of the older, image) of the first container in which the two differ."""
    theirs = containers(older)
    for index, container in enumerate(containers(workload)):
        name = container.get("name", "")
        same = container_of(older["spec"]["template"], name)
        other = same or (theirs[index] if index < len(theirs) else None)
        if other is not None and other.get("image") != container.get("image"):
            path = f"spec.template.spec.containers[{name}].image"
            return path, str(other.get("image")), str(container.get("image"))
    return None
