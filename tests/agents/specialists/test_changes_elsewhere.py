"""Changes in namespaces that the incident is not about, of what its workloads call."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.agents.scoping.scope import CallMap
from aiops.agents.specialists.changes import changes
from aiops.agents.toolbox import Toolbox
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import VirtualClock
from aiops.core.entity import Edge, Entity
from aiops.tools.kit.context import Context
from aiops.tools.recent_changes import ChangeList
from tests.support.investigation import CART, ONSET, WEB, make_scope

STORE, STRANGER, FAR = (
    Entity(kind="StatefulSet", namespace=namespace, name=name)
    for namespace, name in (("data", "db"), ("data", "other"), ("far", "db"))
)
CALLS = CallMap(workloads=(WEB, CART), calls=(Edge(source=WEB, target=STORE), Edge(source=STORE, target=FAR)))


def changed(entity: Entity) -> Change:
    field = FieldChange(path="spec.template.spec.containers[db].env[INDEX].value", old="true", new="false")
    return Change(at=ONSET - 60, entity=entity, verb="updated", actor="kubectl-edit", fields=(field,))


async def seen(monkeypatch: pytest.MonkeyPatch, **scope: Any) -> tuple[list[Entity], list[str]]:
    """What is told of the changes, and in which namespaces they were read."""
    tools = Toolbox(Context(kube=KubernetesClient.at("http://cluster"), clock=VirtualClock(ONSET)), ())
    asked: list[str] = []

    async def read(_tool: object, _window: object, namespace: str, _limit: int) -> ChangeList:
        asked.append(namespace)
        told = tuple(changed(entity) for entity in (CART, STORE, STRANGER) if namespace in ("", entity.namespace))
        return ChangeList(changes=told, watched_since=0.0)

    monkeypatch.setattr(tools, "read", read)
    found = await changes(make_scope(call_map=CALLS, **scope), tools)
    return [item.subject for item in found if isinstance(item.subject, Entity)], asked


async def test_a_change_of_a_store_in_another_namespace_is_seen_and_its_neighbours_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await seen(monkeypatch) == ([CART, STORE], ["shop", "data"])


async def test_where_everything_is_meant_it_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await seen(monkeypatch, namespaces=()) == ([CART, STORE, STRANGER], [""])
