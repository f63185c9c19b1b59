"""Two Deployments of which one calls the other, and the versions that they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance import Pods
from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.busy import services_in_use
from aiops.faults.kit.candidates import needed_calls
from aiops.faults.kit.workloads import containers, template_labels
from aiops.faults.parameters import choose, read_edge


async def pairs(target: Target, namespace: str) -> Sequence[Edge]:
    """Callers and those whom they call, both busy; the called one has no other caller."""
    busy = {Entity.of(each): each for each in await services_in_use(target, namespace)}
    selectors = {
        service["metadata"]["name"]: service["spec"].get("selector") or {}
        for service in await target.list("Service", namespace)
    }
    callers: dict[Entity, list[Entity]] = {}
    for call in await needed_calls(target, namespace):
        wanted = selectors[call.target.name].items()
        for called, manifest in busy.items():
            if wanted and wanted <= template_labels(manifest).items() and called != call.source:
                callers.setdefault(called, []).append(call.source)
    return [
        Edge(source=sources[0], target=called)
        for called, sources in sorted(callers.items(), key=str)
        if len(sources) == 1 and sources[0] in busy
    ]


Pair = Annotated[Edge, choose("a Deployment and the only one that calls it", pairs, read_edge)]


def pods_with_image(deployment: Manifest, image: str) -> Pods:
    """The pods of a Deployment whose first container runs an image."""
    return Pods(
        namespace=deployment["metadata"]["namespace"],
        labels=deployment["spec"]["selector"].get("matchLabels") or {},
        container=containers(deployment)[0]["name"],
        image=image,
    )
