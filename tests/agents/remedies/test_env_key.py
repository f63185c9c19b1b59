"""A key that was renamed: which one it became, and who has to follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.agents.remedies.env_key import env_key, new_name, same_name
from aiops.agents.remedies.kit.key_users import used_keys
from aiops.agents.remedies.kit.registry import READS, RemedyCase
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import VirtualClock
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context

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
    return RemedyCase(cause, SCOPE, ClusterState(objects, 0.0), (), 0.0, reading())


def reading(*batch: dict[str, Any]) -> Toolbox:
    """Tools of a cluster that holds these Jobs and CronJobs."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        kind = {"jobs": "Job", "cronjobs": "CronJob"}.get(request.url.path.rpartition("/")[2])
        return httpx2.Response(200, json={"items": [item for item in batch if item["kind"] == kind]})

    kube = KubernetesClient.at("http://lab", token="t", transport=httpx2.MockTransport(answer))
    return Toolbox(Context(kube=kube, clock=VirtualClock(1000)), READS)


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
        (["zzz"], None),
        (["tls.key"], None),
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


@pytest.mark.parametrize(
    ("lost", "keys"), [("API_TOKEN", ["tls.key"]), ("greeting", ["rootpw"]), ("db-url", ["mode", "zzz"])]
)
def test_a_key_that_is_merely_left_over_is_not_the_lost_one(lost: str, keys: list[str]) -> None:
    assert new_name(lost, keys, ()) is None


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
async def test_a_key_that_a_job_reads_is_not_free(kind: str) -> None:
    env = [{"name": "URL", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "database-url"}}}]
    spec: dict[str, Any] = {"template": {"spec": {"containers": [{"name": "job", "env": env}]}}}
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    job = {"kind": kind, "metadata": {"namespace": "shop", "name": "nightly"}, "spec": spec}
    given = case({"mode": "x", "database-url": "y"})
    assert await env_key(given)
    assert await env_key(replace(given, tools=reading(job))) == []


SECRET = Entity(kind="Secret", namespace="shop", name="settings")
FROM = {"name": "settings"}


@pytest.mark.parametrize(
    ("pod", "used"),
    [
        ({"containers": [{"name": "a", "envFrom": [{"configMapRef": FROM}]}]}, ["one", "two"]),
        ({"containers": [{"name": "a", "envFrom": [{"secretRef": FROM}]}]}, []),
        ({"initContainers": [{"name": "a", "envFrom": [{"configMapRef": FROM}]}]}, ["one", "two"]),
        ({"volumes": [{"name": "v", "configMap": FROM}]}, ["one", "two"]),
        ({"volumes": [{"name": "v", "configMap": {**FROM, "items": [{"key": "two", "path": "x"}]}}]}, ["two"]),
        ({"volumes": [{"name": "v", "projected": {"sources": [{"configMap": FROM}]}}]}, ["one", "two"]),
        ({"volumes": [{"name": "v", "configMap": {"name": "other"}}, {"name": "e", "emptyDir": {}}]}, []),
    ],
)
def test_every_way_to_read_a_key_counts(pod: dict[str, Any], used: list[str]) -> None:
    assert list(used_keys(pod, CONFIG, ["one", "two"])) == used


def test_a_secret_is_read_by_its_own_names() -> None:
    items = {"items": [{"key": "two", "path": "x"}]}
    pod = {
        "volumes": [
            {"name": "v", "secret": {"secretName": "settings", **items}},
            {"name": "p", "projected": {"sources": [{"secret": FROM}]}},
        ]
    }
    assert list(used_keys(pod, SECRET, ["one"])) == ["two", "one"]


def secret_case(lost: str, key: str, changes: tuple[Change, ...] = ()) -> RemedyCase:
    """`web` takes PASSWORD from a key that is lost; the Secret holds another one."""
    env = [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "settings", "key": lost}}}]
    meta = {"namespace": "shop", "name": "web"}
    template = {"spec": {"containers": [{"name": "web", "env": env}]}}
    objects: list[dict[str, Any]] = [
        {"kind": "Deployment", "metadata": meta, "spec": {"template": template}},
        {"kind": "Secret", "metadata": {"namespace": "shop", "name": "settings"}, "data": {key: "x"}},
    ]
    given = case({})
    cause = given.cause.model_copy(update={"subject": SECRET, "field": f"data.{lost}"})
    return replace(given, cause=cause, state=ClusterState(objects, 0.0), changes=changes)


def rename(lost: str, *keys: str) -> tuple[Change, ...]:
    fields = (
        FieldChange(path=f"data.{lost}", old="sha256:1", new=None),
        *(FieldChange(path=f"data.{key}", old=None, new="sha256:2") for key in keys),
    )
    return (Change(at=900, entity=SECRET, verb="updated", actor="ann", fields=fields),)


@pytest.mark.parametrize(
    ("lost", "key", "changes", "taken"),
    [
        ("user-password", "root-password", (), False),
        ("user-password", "user_password", (), True),
        ("password", "password-v2", (), True),
        ("password", "passwd", (), False),
        ("password", "passwd", rename("password", "passwd"), True),
        ("password", "passwd", rename("password", "passwd", "rootpw"), False),
        ("password", "passwd", rename("other", "passwd"), False),
        ("token", "rootpw", rename("token", "rootpw"), False),
    ],
)
async def test_another_key_of_a_secret_is_taken_only_where_it_is_certainly_the_same(
    lost: str, key: str, changes: tuple[Change, ...], taken: bool
) -> None:
    found = await env_key(secret_case(lost, key, changes))
    assert [p.arguments["key"] for p in found] == ([key] if taken else [])


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", "2"), ("password1", "password2"), ("a", "b"), ("rw-password", "ro-password"), ("new", "old")],
)
def test_names_that_differ_in_what_they_mean_are_not_the_same(one: str, other: str) -> None:
    assert not same_name(one, other)
