"""Equal seeds and equal writes give an equal world, in any process; time moves in ticks."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys

import pytest

from aiops.core.errors import InvalidInputError
from aiops.lab.ports import TICK
from aiops.lab.world import LARGEST_SEED, SETTLING, START, World

PARTS = ("objects", "metrics", "traces", "logs", "alerts", "insides")


def _digests(seed: int, hash_seed: str) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.lab.world_digest", str(seed)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100, check=True)
    found: dict[str, str] = json.loads(run.stdout)
    return found


@pytest.fixture(scope="module")
def first() -> dict[str, str]:
    return _digests(1, "1")


@pytest.mark.slow
def test_the_same_seed_is_the_same_world_in_another_process(first: dict[str, str]) -> None:
    assert _digests(1, "2") == first


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_a_world_shows_something(first: dict[str, str], part: str) -> None:
    size = int(first[part].split(":")[0])
    assert size > 1000


@pytest.mark.slow
def test_another_seed_is_another_world(first: dict[str, str]) -> None:
    other = _digests(2, "1")
    assert [part for part in PARTS if other[part] == first[part]] == []


def test_a_world_ends_at_the_moment_that_was_asked_for_and_loses_no_tick() -> None:
    whole, cut = World("hotel", seed=1), World("hotel", seed=1)
    assert len(list(whole.ticks(20.0))) == 20.0 / TICK
    ticks = sum(len(list(cut.ticks(seconds))) for seconds in (0.0, 3.0, 0.5, 9.5, 7.0))
    assert (cut.now, ticks) == (START + 20.0, 20.0 / TICK)
    assert cut.cluster.revision == whole.cluster.revision
    assert [*cut.cluster.objects("Pod")] == [*whole.cluster.objects("Pod")]


@pytest.mark.parametrize("application", ["hotel", "social"])
def test_a_copy_of_a_world_goes_on_as_the_world_does(application: str) -> None:
    world = World(application, seed=1)
    list(world.ticks(90))
    copies = [pickle.loads(pickle.dumps(world)), copy.deepcopy(world)]
    for each in (world, *copies):
        list(each.ticks(60))
    seen = [
        [(s.labels, s.times.tobytes(), s.values.tobytes()) for s in each.series.select([], 0.0, each.now)]
        for each in (world, *copies)
    ]
    assert len(seen[0]) > 500
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("application", ["hotel", "boutique", "random:20"])
def test_what_is_recorded_begins_in_good_health(application: str) -> None:
    world = World(application, seed=2, start=START - SETTLING)
    world.settle()
    assert world.now == START
    assert world.service_level(START - SETTLING, START).good > 0.99, "nobody came before the pods were ready"
    assert list(world.series.select([], 0.0, world.now)) == []
    list(world.ticks(120))
    assert world.service_level(START, START + 120).good > 0.99
    assert world.service_level(START, START + 120).requests > 1000
    assert min(series.times[0] for series in world.series.select([], 0.0, world.now)) > START
    assert world.alerts_due() == []


def test_the_time_stands_still_between_two_ticks() -> None:
    world = World("hotel", seed=1)
    seen = [world.now for _ in world.ticks(TICK * 3 + 1)]
    assert seen == [START + TICK * n for n in (1, 2, 3)]
    assert world.now == START + TICK * 3 + 1


def test_a_group_of_people_may_be_let_do_everything() -> None:
    world = World("hotel", seed=1)
    world.grant_cluster_admin("sre")
    binding = world.cluster.get("ClusterRoleBinding", "", "sre-admin")
    assert binding["subjects"] == [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "sre"}]


@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1])
def test_a_seed_that_its_generators_cannot_take_is_refused(seed: int) -> None:
    with pytest.raises(InvalidInputError, match="seed: must be from 0 to"):
        World("hotel", seed=seed)


def test_the_largest_seed_is_one_like_any_other() -> None:
    world = World("hotel", seed=LARGEST_SEED)
    assert len(list(world.ticks(30))) == 6
