from __future__ import annotations

import json

from typer.testing import CliRunner

from aiops.cli.lab import app
from aiops.lab.apps import load_application
from aiops.lab.fork_timing import fork_seconds
from aiops.lab.measuring import with_replicas
from aiops.lab.world import World


def test_a_measurement_tells_speed_start_and_memory() -> None:
    run = CliRunner().invoke(app, ["bench", "--app", "hotel", "--seconds", "60", "--json"])
    found = json.loads(run.stdout)
    assert found["simulated_seconds_per_second"] > 10
    assert 0 < found["start_seconds"] < 10
    assert found["memory_mb"] > 10
    assert 0 < found["fork_milliseconds"] < 2_000
    assert found["pods"] == 33


def test_a_fork_leaves_the_world_as_it_is() -> None:
    world = World("hotel", seed=1)
    now, requests = world.now, world.service_level(world.now, world.now + 60.0).requests
    assert fork_seconds(world) > 0
    assert (world.now, world.service_level(now, now + 60.0).requests) == (now, requests)


def test_only_services_get_other_replicas() -> None:
    hotel = load_application("hotel")
    changed = with_replicas(hotel, 5)
    assert changed.workloads["geo"].replicas == 5
    assert changed.workloads["mongodb-geo"].replicas == 1
    assert changed.workloads["coredns"] == hotel.workloads["coredns"]
    assert hotel.workloads["geo"].replicas == 2
