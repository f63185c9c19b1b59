from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.core.quantity import parse_quantity
from aiops.lab.apps import Application, load_application
from aiops.lab.apps.checks import problems
from aiops.lab.apps.expected import expected
from aiops.lab.apps.generated import FEWEST, MOST, random_application
from aiops.lab.world import World
from tests.lab.apps.applications import digest, own_workloads

sizes = st.integers(FEWEST, 120)
seeds = st.integers(0, 2**32)

DIGEST = "from tests.lab.apps.applications import digest; print(digest('random:40', 7))"


def services(application: Application) -> list[str]:
    own = own_workloads(application)
    return [name for name in own if application.programs[application.workloads[name].program].role == "service"]


@settings(max_examples=40)
@given(sizes, seeds)
def test_every_one_is_valid_acyclic_and_large_enough_for_its_load(size: int, seed: int) -> None:
    application = random_application(size, seed)
    assert list(problems(application)) == []
    assert len(services(application)) == size
    load = expected(application)  # refuses circles and calls that lead nowhere
    assert set(services(application)) <= {workload for workload, _ in load.requests}
    for name, cores in load.cores.items():
        workload = application.workloads[name]
        assert cores <= 0.5 * parse_quantity(workload.resources.cpu_limit) * workload.replicas
    wanted = sum(parse_quantity(w.resources.cpu_request) * w.replicas for w in application.workloads.values())
    assert wanted <= 0.75 * sum(node.cpu for node in application.nodes)


@settings(max_examples=6)
@given(sizes, seeds)
def test_a_seed_gives_the_same_bytes_and_another_one_others(size: int, seed: int) -> None:
    name = f"random:{size}"
    assert digest(name, seed) == digest(name, seed) == digest(f"{name}:{seed}", 0)
    assert digest(name, seed) != digest(name, seed + 1)


def test_processes_with_other_hash_seeds_agree() -> None:
    found = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", DIGEST]
        found.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)
    assert len(found) == 1


def test_the_largest_has_popular_services_and_all_kinds_of_parts() -> None:
    application = random_application(MOST, 3)
    programs = [application.programs[application.workloads[name].program] for name in own_workloads(application)]
    assert len({program.language for program in programs if program.role == "service"}) >= 6
    assert {program.role for program in programs} == {"service", "store", "queue"}
    callers: Counter[str] = Counter()
    for name in services(application):
        callers.update(set(application.workloads[name].addresses.values()))
    assert max(callers.values()) >= 5 * sum(callers.values()) / len(callers) / 2
    assert any(program.caches for program in programs)
    assert any(program.consumers for program in programs)


@pytest.mark.parametrize("name", ["random", "random:9", "random:401", "random:ten", "random:10:x", "random:10:1:2"])
def test_a_name_that_means_nothing_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="10 to 400 services"):
        load_application(name)


@pytest.mark.parametrize(("name", "seed"), [("random:10", 5), ("random:25", 6)])
def test_it_is_healthy_at_rest(name: str, seed: int) -> None:
    world = World(name, seed=seed)
    fired: list[str] = []
    for _ in world.ticks(480):
        for notification in world.alerts_due():
            fired += [alert["labels"]["alertname"] for alert in notification.payload["alerts"]]
            world.alert_delivered(notification)
    assert fired == []
    assert world.service_level(world.now - 240, world.now).good > 0.995
