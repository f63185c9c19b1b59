from __future__ import annotations

from typing import Any

import pytest

from aiops.core.errors import InvalidInputError
from aiops.core.quantity import parse_quantity
from aiops.lab.apps.building import complete_application
from aiops.lab.apps.expected import expected
from tests.lab.apps.applications import DRAWN, NAMES, load
from tests.lab.apps.test_shorthand import SHOP


def test_requests_follow_the_calls_down_to_consumers() -> None:
    data: dict[str, Any] = {**SHOP, "services": {**SHOP["services"]}}
    publish = {"call": "jobs publish", "topic": "tasks", "probability": 0.5}
    data["services"]["web"] = {
        **SHOP["services"]["web"],
        "routes": {"GET /": {"cpu_ms": 2, "calls": ["items GET /items", publish]}},
    }
    load = expected(complete_application(data, "shop.yaml"))
    assert load.requests["items", "GET /items"] == pytest.approx(10)
    assert load.requests["db", "find"] == pytest.approx(10), "as if the cache were cold"
    assert load.requests["jobs", "publish"] == pytest.approx(5)
    assert load.requests["worker", "CONSUME tasks"] == pytest.approx(5)
    assert load.cores["items"] == pytest.approx(0.03)


def test_a_circle_is_refused() -> None:
    data: dict[str, Any] = {**SHOP, "services": {**SHOP["services"]}}
    back = {"cpu_ms": 1, "calls": ["web GET /"]}
    data["services"]["items"] = {
        **SHOP["services"]["items"],
        "caches": {},
        "routes": {"GET /items": back, "GET /count": 1},
    }
    with pytest.raises(InvalidInputError, match="calls go in a circle"):
        expected(complete_application(data, "shop.yaml"))


@pytest.mark.parametrize("name", [*NAMES, *DRAWN])
def test_no_workload_needs_more_than_two_thirds_of_its_limit(name: str) -> None:
    """At the top of the day, with cold caches."""
    application = load(name)
    needed = expected(application).cores
    for workload, cores in needed.items():
        entry = application.workloads[workload]
        limit = parse_quantity(entry.resources.cpu_limit) * entry.replicas
        assert cores * (1 + application.day.amplitude) < 0.67 * limit, workload


@pytest.mark.parametrize("name", [*NAMES, *DRAWN])
def test_every_route_of_a_service_is_reached(name: str) -> None:
    application = load(name)
    reached = expected(application).requests.keys()
    for workload, entry in application.workloads.items():
        program = application.programs[entry.program]
        if program.role == "service" and entry.kind in ("Deployment", "StatefulSet"):
            missing = {route for route in program.routes if (workload, route) not in reached}
            assert not missing, f"{workload}: {missing}"


@pytest.mark.parametrize("name", ["boutique", "social", "ticket", "training"])
def test_most_of_the_cpu_that_is_asked_for_is_not_idle(name: str) -> None:
    application = load(name)
    plain = [n for n, w in application.workloads.items() if not w.accelerators]
    cores = sum(cores for n, cores in expected(application).cores.items() if n in plain)
    asked = sum(
        parse_quantity(w.resources.cpu_request) * w.replicas for n, w in application.workloads.items() if n in plain
    )
    assert 0.1 < cores / asked < 0.6
