"""From signals to where and when to look."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.agents.scoping.find_scope import LEAD, call_map
from aiops.agents.specialists.logs import by_nearness
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.incident import Signal


def _signal(kind: str = "alert", **labels: str) -> Signal:
    return Signal(id="s", kind=kind, title="t", labels=labels, fingerprint="f", starts_at=0, received_at=0)  # type: ignore[arg-type]


async def test_a_scope_of_a_running_cluster(rig_of: Any) -> None:
    rig = await rig_of(1, 300.0)
    rig.broken_at = rig.world.now - 120
    alert = rig.alert(60).model_copy(update={"labels": {"namespace": "hotel", "service": "geo"}})
    scope = await rig.scope(alert)
    assert scope.namespaces == ("hotel",)
    assert scope.focus == (Entity(kind="Service", namespace="hotel", name="geo"),)
    assert scope.onset == alert.starts_at - LEAD
    assert scope.baseline.end < scope.onset <= scope.window.start < scope.window.end == rig.world.now
    geo = Entity(kind="Deployment", namespace="hotel", name="geo")
    assert scope.call_map.components(scope.focus[0]) == (geo,)
    assert [e.name for e in scope.call_map.entries if e.namespace == "hotel"] == ["frontend"]
    assert scope.call_map.graph().path_to_caller(geo, scope.call_map.entries)
    assert by_nearness(scope)[0] == geo
    assert type(scope).model_validate_json(scope.model_dump_json()) == scope, "a checkpoint has to keep it"


async def test_a_namespace_that_may_not_be_looked_at_is_left_out(rig_of: Any) -> None:
    rig = await rig_of(1, 30.0)
    scope = await rig.scope(_signal(namespace="kube-system"), _signal(namespace="hotel", exported_namespace="hotel"))
    assert scope.namespaces == ("hotel",)
    there, hidden = _signal(namespace="hotel", service="geo"), _signal(namespace="kube-system", service="dns")
    assert [str(entity) for entity in (await rig.scope(there, hidden)).focus] == ["Service/hotel/geo"]
    assert (await rig.scope(_signal(kind="question"))).namespaces == ()
    with pytest.raises(NotPossibleError, match="kube-system, which may not be looked at"):
        await rig.scope(_signal(namespace="kube-system"))


def test_calls_to_the_outside_and_entries_without_an_ingress() -> None:
    def deployment(name: str) -> dict[str, Any]:
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": []}}
        return {"kind": "Deployment", "metadata": {"namespace": "a", "name": name}, "spec": {"template": template}}

    web = Entity(kind="Deployment", namespace="a", name="web")
    service = {"kind": "Service", "metadata": {"namespace": "a", "name": "db"}, "spec": {"selector": {"app": "db"}}}
    calls = [ObservedCall(web, "db", 5432), ObservedCall(web, "api.example.com", 443)]
    found = call_map(ClusterState([deployment("web"), deployment("db"), service], 0.0, calls))
    assert [str(c) for c in found.calls] == [
        "Deployment/a/web -> Deployment/a/db",
        "Deployment/a/web -> External//api.example.com",
    ]
    assert found.entries == (web,)
    outside = Entity(kind="External", name="api.example.com")
    assert found.components(outside) == (outside,)


def test_a_call_into_another_namespace_belongs_to_what_answers_there() -> None:
    store = Entity(kind="StatefulSet", namespace="data", name="db")
    labels = {"app": "db"}
    objects: list[Manifest] = [
        {
            "kind": "StatefulSet",
            "metadata": {"name": "db", "namespace": "data"},
            "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}},
        },
        {"kind": "Service", "metadata": {"name": "db", "namespace": "data"}, "spec": {"selector": labels}},
    ]
    caller = Entity(kind="Deployment", namespace="a", name="web")
    found = call_map(ClusterState(objects, 0.0, [ObservedCall(source=caller, host="db.data", port=3306)]))
    assert found.components(Entity(kind="External", name="db.data")) == (store,)


def test_a_name_that_leads_nowhere_belongs_to_the_workload_that_had_it() -> None:
    def workload(name: str) -> dict[str, Any]:
        spec = {"template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": []}}}
        return {"kind": "Deployment", "metadata": {"namespace": "a", "name": name}, "spec": spec}

    web, cart = (Entity(kind="Deployment", namespace="a", name=name) for name in ("web", "cart"))
    calls = [ObservedCall(web, "cart", 80, 1.0, "name_not_resolved")]
    found = call_map(ClusterState([workload("web"), workload("cart")], 0.0, calls))
    assert found.components(Entity(kind="External", name="cart")) == (cart,)
    assert [str(edge) for edge in found.calls] == ["Deployment/a/web -> Deployment/a/cart"]
