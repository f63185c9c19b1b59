"""Programs that write to the cluster's API, or that it asks."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.core.errors import InvalidInputError
from aiops.core.fields import read
from aiops.lab.world import World
from tests.support.worlds import aged

LIMIT = "spec.template.spec.containers[geo].resources.limits.memory"
URL = "https://sizing.example.com/mutate"
KEEPER = {"namespace": "hotel", "labels": {"app": "keeper"}}


@pytest.fixture
def world() -> World:
    return aged(60.0)


def _begin(world: World, given: dict[str, Any], id_: str = "one") -> None:
    world.disturbances.begin(id_, disturbance_of(given))


def _run(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


def _keeping(**more: Any) -> dict[str, Any]:
    user = "system:serviceaccount:hotel:default"
    place = {"object_kind": "Deployment", "namespace": "hotel", "name": "geo"}
    kept = {"fields": {LIMIT: "150Mi"}, "user": user, "manager": "keeper"}
    return {"kind": "controller.reconciliation", **place, **kept, **more}


def _keeper(world: World, replicas: int) -> None:
    container = {"name": "keeper", "image": "busybox:1.36", "command": ["sleep", "infinity"]}
    template = {"metadata": {"labels": {"app": "keeper"}}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "keeper"}}, "template": template}
    metadata = {"name": "keeper", "namespace": "hotel"}
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    if world.cluster.find("Deployment", "hotel", "keeper"):
        world.cluster.update(manifest, manager="kubectl")
    else:
        world.cluster.create(manifest, manager="kubectl")


def _limit(world: World) -> Any:
    return read(world.cluster.get("Deployment", "hotel", "geo"), LIMIT)


def test_a_controller_writes_a_field_again(world: World) -> None:
    _begin(world, _keeping())
    _run(world, 6)
    geo = world.cluster.get("Deployment", "hotel", "geo")
    assert read(geo, LIMIT) == "150Mi"
    assert "keeper" in {entry["manager"] for entry in geo["metadata"]["managedFields"]}
    revision = world.cluster.changes("Deployment")
    world.disturbances.step()
    assert world.cluster.changes("Deployment") == revision, "what is as it should be is not written"


def test_a_controller_writes_only_while_it_runs(world: World) -> None:
    usual = _limit(world)
    _begin(world, _keeping(while_running=KEEPER))
    _run(world, 10)
    assert _limit(world) == usual
    _keeper(world, 1)
    _run(world, 30)
    assert _limit(world) == "150Mi"
    _keeper(world, 0)
    geo = pickle.loads(pickle.dumps(world.cluster.get("Deployment", "hotel", "geo")))
    geo["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] = "300Mi"
    _run(world, 5)
    world.cluster.update({**geo, "metadata": {"name": "geo", "namespace": "hotel"}}, manager="kubectl")
    _run(world, 60)
    assert _limit(world) == "300Mi"


@pytest.mark.parametrize("change", [{"name": "gone"}, {"fields": {LIMIT: "1Mi"}}, {"fields": {"spec.x[y].z": "1"}}])
def test_what_a_controller_cannot_write_stays(world: World, change: dict[str, Any]) -> None:
    usual = _limit(world)
    _begin(world, _keeping(**change))
    _run(world, 6)
    assert _limit(world) == usual


def _webhook(world: World) -> None:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    hook = {
        "name": "sizing.example.com",
        "clientConfig": {"url": URL},
        "rules": [rule],
        "sideEffects": "None",
        "failurePolicy": "Ignore",
        "admissionReviewVersions": ["v1"],
    }
    kind = "MutatingWebhookConfiguration"
    manifest = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "sizing"}}
    world.cluster.create({**manifest, "webhooks": [hook]}, manager="kubectl")


def _new_limit(world: World, resource: str) -> str:
    """The limit of a pod that is made now."""
    container = {"name": "app", "image": "busybox:1.36", "resources": {"limits": {"cpu": "400m", "memory": "256Mi"}}}
    container["resources"]["requests"] = {"cpu": "10m", "memory": "16Mi"}
    pod = {"metadata": {"generateName": "one-", "namespace": "hotel"}, "spec": {"containers": [container]}}
    made = world.cluster.create({"apiVersion": "v1", "kind": "Pod", **pod}, manager="kubectl")
    return str(made["spec"]["containers"][0]["resources"]["limits"][resource])


@pytest.mark.parametrize(("resource", "lowered"), [("memory", "64Mi"), ("cpu", "100m")])
def test_a_webhook_lowers_limits(world: World, resource: str, lowered: str) -> None:
    usual = _new_limit(world, resource)
    _begin(world, {"kind": "webhook.limits", "url": URL, "resource": resource, "percent": 25})
    assert _new_limit(world, resource) == usual, "nobody asks it"
    _webhook(world)
    assert _new_limit(world, resource) == lowered
    world.cluster.delete("MutatingWebhookConfiguration", "", "sizing")
    assert _new_limit(world, resource) == usual
    world.disturbances.end("one")
    assert not world.cluster.admission.webhooks.by_url


def test_a_webhook_is_at_an_address() -> None:
    with pytest.raises(InvalidInputError, match="url"):
        disturbance_of({"kind": "webhook.limits", "url": "somewhere", "resource": "cpu", "percent": 10})


def test_a_world_with_both_stays_picklable(world: World) -> None:
    _begin(world, _keeping())
    _begin(world, {"kind": "webhook.limits", "url": URL, "resource": "cpu", "percent": 50}, "two")
    copy = pickle.loads(pickle.dumps(world))
    assert set(copy.disturbances.standing()) == {"one", "two"}
    _run(copy, 6)
    assert _limit(copy) == "150Mi"
