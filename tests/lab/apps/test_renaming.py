from __future__ import annotations

import re
from collections import Counter

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.lab.apps import Application, load_application
from aiops.lab.apps.checks import problems
from aiops.lab.apps.expected import expected
from aiops.lab.apps.renaming import renamed
from aiops.lab.prometheus import load_rules
from aiops.lab.world import World
from tests.lab.apps.applications import DRAWN, NAMES, load, own_workloads

ALL = [*NAMES, *DRAWN]


def shape(application: Application) -> Counter[tuple[object, ...]]:
    """What an application is, whatever its parts are called."""
    load_of = expected(application)
    return Counter(
        (
            workload.kind,
            workload.replicas,
            workload.resources,
            round(load_of.cores.get(name, 0.0), 9),
            len(workload.addresses),
            len(workload.secrets),
        )
        for name, workload in application.workloads.items()
    )


@settings(max_examples=25)
@given(st.sampled_from(ALL), st.integers(0, 2**32))
def test_only_the_names_are_others(name: str, seed: int) -> None:
    old = load(name)
    new = renamed(old, seed)
    assert list(problems(new)) == []
    assert shape(new) == shape(old)
    assert len(new.namespaces) == len(old.namespaces)
    assert renamed(old, seed) == new
    load_rules(new.alert_rules)


@pytest.mark.parametrize("name", NAMES)
def test_no_old_name_is_left(name: str) -> None:
    old, new = load(name), renamed(load(name), 4)
    found = [m for m in new.manifests(now=0.0, seed=1) if m["kind"] != "Node"]
    shown = orjson.dumps([found, new.alert_rules]).decode()
    roles = {program.role for program in old.programs.values()}
    gone = {*own_workloads(old), *old.namespaces, *old.secrets, *old.configs, old.host} - roles - {"training"}
    assert {word for word in gone if re.search(rf'"{re.escape(word)}[":.]', shown)} == set()
    variables = {v for n in own_workloads(old) for v in old.workloads[n].addresses if v.endswith(("_ADDR", "_URL"))}
    assert {variable for variable in variables if f'"{variable}"' in shown} == set()
    assert set(own_workloads(old)).isdisjoint(new.workloads)


def test_the_platform_keeps_its_names() -> None:
    new = load_application("hotel", 3)
    assert {"coredns", "ingress-nginx-controller"} <= new.workloads.keys()
    assert "mongodb" in new.programs
    assert new.programs["mongodb"].image == load("hotel").programs["mongodb"].image


def test_users_get_the_same_from_it() -> None:
    levels = []
    for seed in (None, 9):
        world = World("hotel", seed=1, rename_seed=seed)
        for _ in world.ticks(240):
            pass
        levels.append(world.service_level(world.now - 120, world.now).good)
    assert levels == pytest.approx([1.0, 1.0], abs=0.002)
