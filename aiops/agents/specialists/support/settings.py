"""Where the setting comes from that a program complains about, or should come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.toolbox import Toolbox
from aiops.analysis.logs.named_setting import NamedSetting
from aiops.analysis.state.cluster import containers
from aiops.analysis.state.containers.key_references import key_references
from aiops.core.changes import Change
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.recent_changes import recent_changes

TOLD = 0.85
"""A program that says what it lacks is believed, as far as its pods really have it so."""


async def blamed_for_setting(
    named: NamedSetting, workload: Entity, window: Window, tools: Toolbox
) -> tuple[Hypothesis, ...]:
    """The object and the field that hold the named variable, or that lost it lately; nothing where the workload knows
    no such variable and nobody took one away."""
    found = [item for item in await read_kind(tools, workload.kind, workload.namespace) if Entity.of(item) == workload]
    if not found:
        return ()
    held = [list(_places(container, workload, named.name)) for container in containers(found[0])]
    places = [place for own in held for place in own]
    if any(len(own) > 1 for own in held):
        path = next((path for entity, path in places if entity == workload), None)
        return (_hypothesis(workload, Mechanism.CONFIG_ENV_SHADOWED, path),)
    if places and not named.missing:
        return (_hypothesis(places[0][0], Mechanism.CONFIG_ENV_VALUE, places[0][1]),)
    if places:
        return ()
    result = await tools.read(recent_changes, window, workload.namespace, 500)
    return _lost(found[0], workload, named.name, result.changes if result else ())


def _places(container: Manifest, workload: Entity, name: str) -> Iterator[tuple[Entity, str]]:
    """(object, path) of every place from which a container takes the variable, as its entries name it."""
    path = f"spec.template.spec.containers[{container['name']}].env[{name}]"
    for variable in container.get("env") or []:
        if variable.get("name") == name and "value" in variable:
            yield workload, f"{path}.value"
    for reference in key_references(container, workload.namespace):
        if reference.variable == name:
            yield reference.config, f"data.{reference.key}"


def _lost(manifest: Manifest, workload: Entity, name: str, changes: Sequence[Change]) -> tuple[Hypothesis, ...]:
    """Who took the variable away: the workload itself, or an object all of whose keys it takes."""
    groups = {
        reference.config
        for container in containers(manifest)
        for reference in key_references(container, workload.namespace)
        if not reference.named
    }
    for change in sorted(changes, key=lambda one: -one.at):
        for field in change.fields:
            gone = field.old is not None and field.new is None
            if change.entity == workload and gone and f".env[{name}]" in field.path:
                return (_hypothesis(workload, Mechanism.CONFIG_ENV_MISSING, field.path),)
            if change.entity in groups and gone and field.path in (f"data.{name}", f"data[{name}]"):
                return (_hypothesis(change.entity, Mechanism.CONFIG_MISSING_KEY, field.path),)
    return (_hypothesis(workload, Mechanism.CONFIG_ENV_MISSING, None),)


def _hypothesis(subject: Entity, mechanism: Mechanism, field: str | None) -> Hypothesis:
    return Hypothesis(subject=subject, mechanism=mechanism, strength=TOLD if field else TOLD - 0.2, field=field)
