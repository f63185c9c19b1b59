"""A key that came together with its reader is taken back by way of the reader."""

from __future__ import annotations

from typing import Any

from aiops.agents.remedies.kit.new_keys import who_reads_what_is_new
from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.core.changes import Change, FieldChange
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism

CONFIG = Entity(kind="ConfigMap", namespace="shop", name="settings")
READER = Entity(kind="Deployment", namespace="shop", name="cart")
WINDOW = Window(start=0, end=1)
SCOPE = Scope(namespaces=("shop",), signals=(), onset=1000, reported=1100, window=WINDOW, baseline=WINDOW)


def written(old: Any) -> Change:
    return Change(at=900, entity=CONFIG, verb="updated", fields=(FieldChange(path="data.cache-ttl", old=old, new="0"),))


def read_at(moment: float, key: str = "cache-ttl", **more: Any) -> Change:
    source = {"configMapKeyRef": {"name": "settings", "key": key, **more}}
    path = "spec.template.spec.containers[cart].env[CACHE_TTL]"
    field = FieldChange(path=path, old=None, new={"name": "CACHE_TTL", "valueFrom": source})
    return Change(at=moment, entity=READER, verb="updated", fields=(field,))


def readers(change: Change, *changes: Change) -> list[Entity]:
    cause = RootCause(subject=CONFIG, mechanism=Mechanism.APP_CACHE, confidence=0.9, summary="s", evidence=())
    case = RemedyCase(cause, SCOPE, ClusterState([], 0.0), changes, 1000.0, Toolbox(None, ()))  # type: ignore[arg-type]  # nothing is read
    return [other.entity for other, _ in who_reads_what_is_new(case, change, list(change.fields))]


def test_who_began_to_read_the_key_with_it() -> None:
    assert readers(written(None), written(None), read_at(905)) == [READER]


def test_a_key_that_was_there_is_put_back_itself() -> None:
    assert readers(written("300"), written("300"), read_at(905)) == []


def test_others_and_those_who_can_do_without_are_left_alone() -> None:
    assert readers(written(None), read_at(905, key="other")) == []
    assert readers(written(None), read_at(905, optional=True)) == []
    assert readers(written(None), read_at(-5000)) == []
