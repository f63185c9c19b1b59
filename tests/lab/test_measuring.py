from __future__ import annotations

import json

from typer.testing import CliRunner

from aiops.cli.lab import app
from aiops.lab.apps import load_application
from aiops.lab.measuring import with_replicas


def test_a_measurement_tells_speed_start_and_memory() -> None:
    run = CliRunner().invoke(app, ["bench", "--app", "hotel", "--seconds", "60", "--json"])
    found = json.loads(run.stdout)
    assert found["simulated_seconds_per_second"] > 10
    assert 0 < found["start_seconds"] < 10
    assert found["memory_mb"] > 10
    assert found["pods"] == 33


def test_only_services_get_other_replicas() -> None:
    hotel = load_application("hotel")
    changed = with_replicas(hotel, 5)
    assert changed.workloads["geo"].replicas == 5
    assert changed.workloads["mongodb-geo"].replicas == 1
    assert changed.workloads["coredns"] == hotel.workloads["coredns"]
    assert hotel.workloads["geo"].replicas == 2
