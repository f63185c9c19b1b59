"""Scrapes that are lost though nothing is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.disturbance import disturbance_of
from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.scraping.absences import LONGEST, PERIOD, SHORTEST, Absences
from aiops.lab.exporters.scraping.slots import OWN
from aiops.lab.ports import SCRAPE_INTERVAL
from aiops.lab.tsdb import Matcher
from aiops.lab.world import World
from tests.lab.exporters.reading import current
from tests.support.worlds import aged

NAMES = [f"job/10.0.0.{number}:80" for number in range(200)]
MOMENTS = np.arange(0.0, PERIOD, 30.0)


def test_every_target_is_away_once_a_period_for_some_minutes() -> None:
    absences = Absences(3, NAMES[:20])
    away = np.array([absences.away(moment) for moment in MOMENTS])
    begins = (away[1:] & ~away[:-1]).sum(axis=0) + away[0]
    assert (begins == 1).all()
    seconds = away.sum(axis=0) * 30.0
    assert seconds.min() >= SHORTEST - 30.0
    assert seconds.max() <= LONGEST + 30.0
    assert 100.0 < np.median(seconds) < 900.0


@given(st.integers(0, 2**32), st.floats(0, 5 * PERIOD), st.integers(0, 199))
def test_a_target_is_away_whoever_else_is_scraped(seed: int, moment: float, number: int) -> None:
    alone = Absences(seed, [NAMES[number]]).away(moment)
    together = Absences(seed, NAMES)
    together.away(math.fmod(moment + PERIOD, 5 * PERIOD))
    assert together.away(moment)[number] == alone[0]


def test_seeds_have_absences_of_their_own() -> None:
    ours, theirs = (
        np.array([absences.away(moment) for moment in MOMENTS]) for absences in map(Absences, (1, 2), (NAMES, NAMES))
    )
    assert not (ours & theirs).all()
    assert ours.any(axis=0).all()


def test_what_was_not_scraped_is_stale_and_comes_back(make_cluster: Callable[..., Any], hotel: Any) -> None:
    cluster = make_cluster(hotel)
    cluster.run(90.0)
    slot = next(slot for _, slot in cluster.exporters._slots if any(t.pod[1] == "geo-0" for t in slot._targets))
    absences, place = slot._absences, next(n for n, t in enumerate(slot._targets) if t.pod[1] == "geo-0")
    absences.away(cluster.now)
    absences._starts[place], absences._ends[place] = cluster.now, cluster.now + 3 * SCRAPE_INTERVAL
    cluster.run(SCRAPE_INTERVAL)
    assert current(cluster, "up", pod="geo-0") == [0.0]
    assert current(cluster, "scrape_duration_seconds", pod="geo-0") == [10.0]
    assert not current(cluster, "http_server_request_duration_seconds_count", pod="geo-0")
    own = [Matcher("pod", "=", "geo-0"), Matcher("job", "=", "hotel/geo")]
    there = cluster.store.labels(own, cluster.now - SCRAPE_INTERVAL, cluster.now)
    assert {dict(labels)["__name__"] for labels in there} == set(OWN)
    cluster.run(4 * SCRAPE_INTERVAL)
    assert current(cluster, "up", pod="geo-0") == [1.0]
    assert current(cluster, "http_server_request_duration_seconds_count", pod="geo-0")


def test_a_few_scrapes_are_lost_now_and_then() -> None:
    world = aged(1800.0)
    ups = _seen(world, "up")
    lost, scrapes = sum(int((values == 0).sum()) for values in ups), sum(map(len, ups))
    assert 0 < lost < scrapes / 500
    assert not world.rules.alerts()


def _seen(world: World, name: str, **labels: str) -> list[FloatArray]:
    matchers = [Matcher("__name__", "=", name), *(Matcher(key, "=", value) for key, value in labels.items())]
    return [series.values for series in world.series.select(matchers, 0.0, world.now)]


def test_scrapes_feel_what_befalls_packets() -> None:
    world = aged(120.0)
    pods = {"namespace": "hotel", "labels": {"app": "geo"}}
    world.disturbances.begin("one", disturbance_of({"kind": "network.delay", "pods": pods, "seconds": 0.5}))
    for _ in world.ticks(60.0):
        pass
    took = _seen(world, "scrape_duration_seconds", service="geo")
    assert took
    assert all(values[-1] > 0.3 > values[0] for values in took)
    world.disturbances.end("one")
    world.disturbances.begin("two", disturbance_of({"kind": "network.partition", "pods": pods}))
    for _ in world.ticks(60.0):
        pass
    assert {float(values[-1]) for values in _seen(world, "up", service="geo")} == {0.0}
