"""Disturbances that are there only while something runs, or only for whom is configured so."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.core.entity import Manifest
from aiops.lab.world import World
from tests.support.worlds import aged

CULPRIT = {"app": "report"}


@pytest.fixture
def world() -> World:
    return aged(120.0)


def _pass(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


def _burning(**more: Any) -> dict[str, Any]:
    geo = {"namespace": "hotel", "labels": {"app": "geo"}}
    return {"kind": "misbehaviour", "pods": geo, "behaviours": [{"kind": "cpu_burnt", "cores": 0.1}], **more}


def _afflicted(world: World) -> set[str]:
    return {process.name for process in world.runtime.running() if process.program is not process.built}


def _report(world: World, replicas: int) -> None:
    found: Manifest | None = world.cluster.find("Deployment", "hotel", "report")
    if found is not None:
        world.cluster.update({**found, "spec": {**found["spec"], "replicas": replicas}}, manager="kubectl")
        return
    geo = world.cluster.find("Deployment", "hotel", "geo")
    assert geo is not None
    template = {"metadata": {"labels": CULPRIT}, "spec": geo["spec"]["template"]["spec"]}
    spec = {"replicas": replicas, "selector": {"matchLabels": CULPRIT}, "template": template}
    metadata = {"name": "report", "namespace": "hotel"}
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    world.cluster.create(manifest, manager="kubectl")


def test_it_comes_and_goes_with_the_pods_that_it_is_tied_to(world: World) -> None:
    tied = disturbance_of(_burning(while_running={"namespace": "hotel", "labels": CULPRIT}))
    world.disturbances.begin("one", tied)
    _pass(world, 10)
    assert not world.disturbances.standing()["one"].in_effect
    assert not _afflicted(world)
    _report(world, 1)
    _pass(world, 90)
    assert world.disturbances.standing()["one"].in_effect
    assert _afflicted(world) == {"geo"}
    _report(world, 0)
    _pass(world, 90)
    assert not world.disturbances.standing()["one"].in_effect
    assert not _afflicted(world)
    assert world.disturbances.end("one")


def test_a_machine_is_stopped_only_while_they_run(world: World) -> None:
    tied = {"namespace": "hotel", "labels": CULPRIT}
    world.disturbances.begin(
        "one", disturbance_of({"kind": "api_server.overload", "percent": 40, "while_running": tied})
    )
    assert world.cluster.turned_away == 0
    _report(world, 1)
    _pass(world, 90)
    assert world.cluster.turned_away == pytest.approx(0.4)
    _report(world, 0)
    _pass(world, 90)
    assert world.cluster.turned_away == 0


def test_only_processes_with_these_settings_feel_it(world: World) -> None:
    geo = world.cluster.find("Deployment", "hotel", "geo")
    assert geo is not None
    image = geo["spec"]["template"]["spec"]["containers"][0]["image"]
    repository, _, version = image.rpartition(":")
    burning = {"behaviours": [{"kind": "cpu_burnt", "cores": 0.1}], "settings": {"NEW_INDEX": "true"}}
    release = {"kind": "release", "image": repository, "version": version, **burning}
    world.disturbances.begin("one", disturbance_of(release))
    _pass(world, 10)
    assert not world.disturbances.standing()["one"].in_effect
    containers = geo["spec"]["template"]["spec"]["containers"]
    changed = [{**containers[0], "env": [*containers[0].get("env", ()), {"name": "NEW_INDEX", "value": "true"}]}]
    template = {**geo["spec"]["template"], "spec": {**geo["spec"]["template"]["spec"], "containers": changed}}
    world.cluster.update({**geo, "spec": {**geo["spec"], "template": template}}, manager="kubectl")
    _pass(world, 90)
    assert world.disturbances.standing()["one"].in_effect
    assert _afflicted(world) == {"geo"}
