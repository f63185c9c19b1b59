"""Objects by their paths, and what people asked for."""

from __future__ import annotations

import pytest

from aiops.bench.snapshot import current, entity_at, take
from aiops.clients.kinds import RESOURCES
from aiops.core.entity import Entity
from aiops.lab.world import World
from tests.support.worlds import aged


@pytest.mark.parametrize("kind", sorted(RESOURCES))
def test_every_kind_is_found_at_its_path(kind: str) -> None:
    resource = RESOURCES[kind]
    entity = Entity(kind=kind, namespace="hotel" if resource.namespaced else "", name="geo")
    found = entity_at(resource.path(entity.namespace, entity.name))
    assert found is not None
    assert (found.namespace, found.name) == (entity.namespace, "geo")
    assert RESOURCES[found.kind].plural == resource.plural


@pytest.mark.parametrize("path", ["/", "/version", "/api/v1/namespaces/hotel/services", "/apis/x/v1/unknowns/a"])
def test_other_paths_are_of_no_object(path: str) -> None:
    assert entity_at(path) is None


def test_a_snapshot_holds_what_people_made(world: World) -> None:
    found = take(world)
    kinds = {entity.kind for entity in found}
    assert {"Deployment", "Service", "ConfigMap", "Namespace"} <= kinds
    assert not kinds & {"Pod", "ReplicaSet", "Event", "Lease"}
    geo = Entity(kind="Service", namespace="hotel", name="geo")
    assert found[geo] == current(world, geo)
    assert "status" not in found[geo]
    assert current(world, geo.model_copy(update={"name": "nope"})) is None


def test_what_an_autoscaler_does_is_nobodys_wish() -> None:
    world = aged(60, seed=1)
    geo = Entity(kind="Deployment", namespace="hotel", name="geo")
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "geo"}, "maxReplicas": 4}
    meta = {"name": "geo", "namespace": "hotel"}
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec}
    world.cluster.create(scaler, manager="kubectl")
    before = take(world)[geo]
    assert before == current(world, geo)
    _scale(world, geo, 3)
    assert take(world)[geo] == before
    _scale(world, geo, 0)
    assert take(world)[geo] != before


def _scale(world: World, entity: Entity, replicas: int) -> None:
    found = world.cluster.get(entity.kind, entity.namespace, entity.name)
    world.cluster.update({**found, "spec": {**found["spec"], "replicas": replicas}}, manager="kubectl")


def test_what_somebody_deleted_is_asked_for_no_more() -> None:
    world = aged(60, seed=1)
    meta = {"name": "kept", "namespace": "hotel", "finalizers": ["example.com/backup"]}
    world.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}, manager="kubectl")
    kept = Entity(kind="ConfigMap", namespace="hotel", name="kept")
    assert kept in take(world)
    world.cluster.delete("ConfigMap", "hotel", "kept")
    assert world.cluster.find("ConfigMap", "hotel", "kept") is not None
    assert kept not in take(world)
    assert current(world, kept) is None
