"""Which keys of a ConfigMap or Secret some program reads: by its environment, whole or in part, or by a volume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.analysis.state.cluster import pod_template
from aiops.analysis.state.containers.key_references import key_references
from aiops.core.entity import Entity, Manifest

BATCH = ("Job", "CronJob")
CONTAINERS = ("initContainers", "containers")
VOLUMES = {"ConfigMap": ("configMap", "name"), "Secret": ("secret", "secretName")}


async def taken_keys(case: RemedyCase, config: Entity, keys: Sequence[str]) -> set[str]:
    """Those of `keys`, and others, that a workload, Job or CronJob of the namespace reads."""
    batch = [item for kind in BATCH for item in await read_kind(case.tools, kind, config.namespace)]
    templates = [pod_template(item.get("spec", {}).get("jobTemplate") or item) for item in batch]
    templates += [pod_template(workload) for workload in case.state.workloads(config.namespace)]
    return {key for template in templates for key in used_keys(template.get("spec") or {}, config, keys)}


def used_keys(pod: Manifest, config: Entity, keys: Sequence[str]) -> Iterator[str]:
    """The keys that a pod of this spec reads; all of `keys` where it takes the object as a whole."""
    for kind in CONTAINERS:
        for container in pod.get(kind) or ():
            for reference in key_references(container, config.namespace):
                if reference.config == config:
                    yield from (reference.key,) if reference.key else keys
    for source in _mounted(pod, config):
        items = source.get("items") or ()
        yield from (item["key"] for item in items) if items else keys


def _mounted(pod: Manifest, config: Entity) -> Iterator[Manifest]:
    """The volume sources that show this object as files. A projected one names a Secret by `name`."""
    field, named = VOLUMES[config.kind]
    for volume in pod.get("volumes") or ():
        if (source := volume.get(field)) and source.get(named) == config.name:
            yield source
        for part in (volume.get("projected") or {}).get("sources") or ():
            if (source := part.get(field)) and source.get("name") == config.name:
                yield source
