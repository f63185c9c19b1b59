"""Versions that are built for other processors, and arguments that nobody knows."""

from __future__ import annotations

import json

import pytest

from aiops.core.disturbance.process import Release
from aiops.lab.world import World
from tests.support.worlds import aged


@pytest.fixture
def world() -> World:
    return aged(90)


def _rolled_out(world: World, name: str, **changes: object) -> list[str]:
    """Roll a Deployment out with a changed container, and give the logs of its new containers that ended."""
    deployment = json.loads(json.dumps(world.cluster.get("Deployment", "hotel", name)))
    deployment["spec"]["template"]["spec"]["containers"][0].update(changes)
    world.cluster.update(deployment, manager="kubectl")
    for _ in world.ticks(40):
        pass
    lines = []
    for pod in world.cluster.objects("Pod", "hotel"):
        for status in pod.get("status", {}).get("containerStatuses") or ():
            ended = (status.get("lastState") or {}).get("terminated")
            if status["name"] == name and ended:
                container = ended["containerID"].partition("://")[2]
                code = ended["exitCode"]
                lines += [f"{code} {text}" for _, text in world.logs(container, None, None)]
    return lines


def test_a_program_for_other_processors_cannot_be_executed(world: World) -> None:
    image = "registry.example.com/hotel/geo"
    world.disturbances.begin("d1", Release(image=image, version="1.6.2", architecture="arm64"))
    lines = _rolled_out(world, "geo", image=f"{image}:1.6.2")
    assert lines
    assert all(line == "255 exec /app/server: exec format error" for line in lines)


@pytest.mark.parametrize(
    ("name", "said"),
    [("geo", "flag provided but not defined: --depth"), ("recommendation", "unrecognized arguments: --depth")],
)
def test_a_program_ends_with_usage_for_an_argument_that_it_does_not_know(world: World, name: str, said: str) -> None:
    lines = _rolled_out(world, name, args=["--depth=3"])
    assert any(said in line for line in lines)
    assert all(line.startswith("2 ") for line in lines)


def test_a_data_store_takes_arguments(world: World) -> None:
    assert _rolled_out(world, "memcached-rate", args=["--depth=3"]) == []


@pytest.mark.parametrize("name", ["geo", "recommendation", "profile", "user"])
def test_a_program_that_may_open_few_files_does_not_start(world: World, name: str) -> None:
    lines = _rolled_out(world, name, command=["sh", "-c", "ulimit -n 8; exec /app/server"])
    assert lines
    assert all(line.startswith("1 ") and "too many open files" in line.lower() for line in lines)


def test_a_script_may_raise_the_limit_of_open_files(world: World) -> None:
    assert _rolled_out(world, "geo", command=["sh", "-c", "ulimit -n 4096; exec /app/server"]) == []
    files = {p.program.max_open_files for p in world.runtime.running() if p.name == "geo"}
    assert files == {4096}
