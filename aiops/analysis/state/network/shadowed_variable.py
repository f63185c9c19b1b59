"""A variable whose value takes the place of another one of the same name."""

from __future__ import annotations

import re

from aiops.analysis.state.cluster import ClusterState, containers
from aiops.analysis.state.network.references import Reference
from aiops.core.entity import Entity, Manifest

_VARIABLE = re.compile(r"\.containers\[(?P<container>[^\]]+)\]\.env\[(?P<name>[^\]]+)\]")


def shadowing(state: ClusterState, reference: Reference) -> tuple[Entity, str] | None:
    """(workload, path) of the entries that hide another value of the variable which holds an address; None where it is
    the only one of its name.

    Of two entries of one name the later holds; an entry hides what `envFrom` brings, a later source an earlier one."""
    manifest = state.find(reference.workload.kind, reference.workload.namespace, reference.workload.name)
    if manifest is None:
        return None
    for container in containers(manifest):
        path = f"spec.template.spec.containers[{container['name']}]"
        own = [entry for entry in container.get("env") or [] if entry.get("name") == _name(reference, container)]
        sources = _sources(state, reference, container)
        if len(own) > 1:
            return reference.workload, f"{path}.env"
        if own and sources:
            return reference.workload, f"{path}.env[{own[0]['name']}]"
        if len(sources) > 1:
            return reference.workload, f"{path}.envFrom"
    return None


def _name(reference: Reference, container: Manifest) -> str:
    """The name of the variable that takes the reference's text."""
    found = _VARIABLE.search(reference.path)
    if found is not None:
        return found["name"] if found["container"] == container["name"] else ""
    return reference.path.removeprefix("data.")


def _sources(state: ClusterState, reference: Reference, container: Manifest) -> list[str]:
    """The ConfigMaps of `envFrom` that hold a variable of that name, with different values."""
    found: dict[str, str] = {}
    name = _name(reference, container)
    for group in container.get("envFrom") or []:
        config = (group.get("configMapRef") or {}).get("name")
        held = state.find("ConfigMap", reference.workload.namespace, config) if config else None
        value = ((held or {}).get("data") or {}).get(name.removeprefix(group.get("prefix") or ""))
        if value is not None:
            found.setdefault(str(value), str(config))
    return list(found.values())
