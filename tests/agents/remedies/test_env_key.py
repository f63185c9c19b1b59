"""A key that was renamed: which one it became, and who has to follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.agents.remedies.env_key import env_key, new_name
from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism

WINDOW = Window(start=0, end=1)
SCOPE = Scope(namespaces=("shop",), signals=(), onset=1000, reported=1100, window=WINDOW, baseline=WINDOW)
CONFIG = Entity(kind="ConfigMap", namespace="shop", name="settings")


def case(data: dict[str, str], field: str | None = "data.db-url") -> RemedyCase:
    """`web` takes URL from the key `db-url` and MODE from `mode`."""
    env = [
        {"name": name, "valueFrom": {"configMapKeyRef": {"name": "settings", "key": key}}}
        for name, key in (("URL", "db-url"), ("MODE", "mode"))
    ]
    template = {"spec": {"containers": [{"name": "web", "env": env}]}}
    meta = {"namespace": "shop", "name": "web"}
    objects: list[dict[str, Any]] = [
        {"kind": "Deployment", "metadata": meta, "spec": {"template": template}},
        {"kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "settings"}, "data": data},
    ]
    cause = RootCause(
        subject=CONFIG, mechanism=Mechanism.CONFIG_MISSING_KEY, field=field, confidence=0.9, summary="s", evidence=()
    )
    return RemedyCase(cause, SCOPE, ClusterState(objects, 0.0), (), 0.0, Toolbox(None, ()))  # type: ignore[arg-type]  # nothing is read


async def test_a_variable_follows_a_renamed_key() -> None:
    (proposal,) = await env_key(case({"mode": "x", "database-url": "y"}))
    workload = "Deployment/shop/web"
    arguments = {"workload": workload, "container": "web", "name": "URL", "key": "database-url"}
    assert (proposal.tool, proposal.arguments) == ("set_env_key", arguments)


async def test_the_key_of_the_revision_before_comes_first() -> None:
    env = [{"name": "URL", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "url"}}}]
    owner = {"kind": "Deployment", "name": "web", "controller": True}
    replica_set = {
        "kind": "ReplicaSet",
        "metadata": {"namespace": "shop", "name": "web-1", "ownerReferences": [owner]},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "env": env}]}}},
    }
    given = case({"mode": "x", "url": "y", "database-url": "z"})
    objects = [*given.state.workloads(), *given.state.of("ConfigMap"), replica_set]
    (proposal,) = await env_key(replace(given, state=ClusterState(objects, 0.0)))
    assert proposal.arguments["key"] == "url"
    assert "was taken before" in proposal.reason


@pytest.mark.parametrize("data", [{}, {"mode": "x"}, {"mode": "x", "db-url": "y"}])
async def test_nothing_is_proposed_where_no_key_is_free_or_none_is_lost(data: dict[str, str]) -> None:
    assert await env_key(case(data)) == []


async def test_nothing_is_proposed_for_an_object_that_is_gone_as_a_whole() -> None:
    assert await env_key(case({"mode": "x", "database-url": "y"}, field=None)) == []


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (["passwd"], "passwd"),
        (["zzz"], "zzz"),
        (["passwd", "host"], "passwd"),
        (["passwd", "passwort"], None),
        (["zzz", "host"], None),
        (["passwd", "taken"], "passwd"),
        ([], None),
    ],
)
def test_the_new_name_is_the_only_free_one_or_the_only_one_alike(keys: list[str], wanted: str | None) -> None:
    assert new_name("password", keys, {"taken"}) == wanted


@given(lost=st.text(), keys=st.lists(st.text(), unique=True), taken=st.sets(st.text()))
def test_a_new_name_is_there_free_and_another_one(lost: str, keys: list[str], taken: set[str]) -> None:
    found = new_name(lost, keys, taken)
    assert found is None or (found in keys and found not in taken and found != lost)
