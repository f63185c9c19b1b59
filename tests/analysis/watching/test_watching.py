"""Burn rates, what is usual, departures, troubles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.analysis.watching.burn import burning
from aiops.analysis.watching.departures import Departure, departures
from aiops.analysis.watching.evidence import MOST, added, weight
from aiops.analysis.watching.seasons import PER_DAY, expected
from aiops.analysis.watching.track import Look, Track, Usual
from aiops.analysis.watching.troubles import CALM, TOGETHER, Troubles
from aiops.core.entity import Entity

RNG = np.random.default_rng(1)
CART, WEB = (Entity(kind="Service", namespace="shop", name=name) for name in ("cart", "web"))
BANK = Entity(kind="Service", namespace="bank", name="ledger")
FAILING = Departure(kind="errors", text="half fail", observed=0.5, usual=0.01)


def _ratios(**known: float) -> dict[float, float | None]:
    return {float(name[1:]): value for name, value in known.items()}


@pytest.mark.parametrize(
    ("ratios", "rate"),
    [
        (_ratios(s3600=0.15, s300=0.2, s21600=0.03, s1800=0.2), 14.4),
        (_ratios(s3600=0.15, s300=0.0, s21600=0.03, s1800=0.2), None),  # it is over
        (_ratios(s3600=0.07, s300=0.07, s21600=0.061, s1800=0.07), 6.0),
        (_ratios(s3600=0.01, s300=0.5, s21600=0.01, s1800=0.02), None),  # too short to matter
    ],
)
def test_both_windows_must_burn(ratios: dict[float, float | None], rate: float | None) -> None:
    found = burning(ratios.get, 0.99)
    assert (found.rate if found else None) == rate


def _days(count: int, *, noise: float = 0.02, now: float = 0.0) -> np.ndarray:
    """Slots with a night and a day, that end `now` slots into a day."""
    slots = np.arange(count * PER_DAY + int(now))
    day = 100.0 * (1.0 + 0.8 * np.sin(2 * np.pi * slots / PER_DAY))
    return np.asarray(day * np.exp(noise * RNG.standard_normal(len(slots))))


def test_the_same_time_of_other_days_is_usual_where_the_day_moves() -> None:
    slots = _days(7, now=PER_DAY / 4 * 3.5)
    level, _ = expected(slots[:-1]) or (0.0, 0.0)
    assert level == pytest.approx(slots[-1], rel=0.15)


def test_a_day_like_no_other_is_compared_with_its_own_last_hour() -> None:
    slots = _days(7)
    slots[-60:] *= 3.0
    level, _ = expected(slots) or (0.0, 0.0)
    assert level == pytest.approx(float(np.median(slots[-13:-1])), rel=0.2)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.just(float("nan")), st.floats(0.0, 1e9)), min_size=1, max_size=2 * PER_DAY),
)
def test_what_is_usual_is_finite_or_unknown(values: list[float]) -> None:
    found = expected(np.array(values))
    assert found is None or (np.isfinite(found[0]) and found[1] >= 0)


def _track(**levels: float) -> Track:
    return Track(usual={name: Usual(level=level, spread=0.05) for name, level in levels.items()})


def _kinds(track: Track, look: Look, times: int, *, entry: bool = False) -> list[list[str]]:
    looks = [replace(look, at=15.0 * number) for number in range(times)]
    return [[one.kind for one in departures(each, track, 0.99, entry=entry)] for each in looks]


def test_the_more_requests_fail_the_sooner_it_is_told() -> None:
    first = [_kinds(_track(ratio=0.001), Look(0.0, 10.0, failed, 1.0), 12) for failed in (5.0, 1.0, 0.6)]
    assert [["errors"] in kinds for kinds in first] == [True] * 3
    assert [kinds.index(["errors"]) for kinds in first] == [1, 2, 4]


def test_few_requests_take_longer_to_tell() -> None:
    kinds = _kinds(_track(ratio=0.001), Look(0.0, 0.2, 0.1, 0.1), 40)
    assert kinds.index(["errors"]) > 8
    assert kinds[-1] == ["errors"]


def test_what_comes_and_goes_adds_up_and_one_short_burst_does_not() -> None:
    bad, good = Look(0.0, 10.0, 2.0, 1.0), Look(0.0, 10.0, 0.0, 1.0)

    def told(looks: list[Look]) -> bool:
        track = _track(ratio=0.001)
        return any(departures(replace(one, at=15.0 * n), track, 0.99, entry=False) for n, one in enumerate(looks))

    assert told([good, *[bad, good] * 6])
    assert not told([good, replace(bad, failed=1.0), *[good] * 6])


def test_a_usual_share_of_failures_is_nothing() -> None:
    assert _kinds(_track(ratio=0.3), Look(0.0, 100.0, 33.0, 1.0), 100) == [[]] * 100
    assert _kinds(_track(ratio=0.001), Look(0.0, 100.0, 3.0, 1.0), 100) == [[]] * 100


def test_what_is_over_is_no_departure_any_more() -> None:
    track = _track(ratio=0.001)
    assert _kinds(track, Look(0.0, 10.0, 9.0, 1.0), 20)[-1] == ["errors"]
    assert departures(Look(315.0, 10.0, 0.0, 1.0), track, 0.99, entry=False) == []
    assert track.suspicious


Counts = st.tuples(st.floats(0.0, 1e6), st.floats(0.0, 1.0)).map(lambda pair: (pair[0], pair[0] * pair[1]))


@given(st.lists(Counts, max_size=30), st.floats(0.0001, 1.0))
def test_the_weight_is_bounded_and_follows_the_share(counts: list[tuple[float, float]], usual: float) -> None:
    total = 0.0
    for requests, failed in counts:
        total = added(total, weight(requests, failed, usual))
        assert 0.0 <= total <= MOST
        assert weight(requests, failed, usual) <= weight(requests, requests, usual)
        assert weight(requests, min(usual, 0.89) * requests, usual) <= 0.0


def test_what_is_much_slower_is_told_sooner() -> None:
    track = _track(latency=0.1)
    assert _kinds(track, Look(0.0, 10.0, 0.0, 5.0), 2) == [[], ["latency"]]
    assert _kinds(_track(latency=0.1), Look(0.0, 10.0, 0.0, 2.5), 4) == [[], [], [], ["latency"]]
    assert _kinds(_track(latency=0.1), Look(0.0, 10.0, 0.0, 1.5), 4) == [[]] * 4


def test_traffic_that_stays_away_is_trouble_only_where_users_come_in() -> None:
    look = Look(0.0, 1.0, 0.0, 0.0)
    assert _kinds(_track(served=50.0), look, 4, entry=True)[-1] == ["traffic"]
    assert _kinds(_track(served=50.0), look, 4) == [[]] * 4


def test_users_who_are_all_refused_stay_away_in_effect() -> None:
    everybody, strangers = Look(0.0, 50.0, 0.0, 0.1, refused=49.0), Look(0.0, 250.0, 0.0, 1.0, refused=200.0)
    kinds = _kinds(_track(served=50.0), everybody, 4, entry=True)
    assert kinds[-1] == ["traffic"]
    assert _kinds(_track(served=50.0), strangers, 4, entry=True) == [[]] * 4
    (told,) = departures(
        replace(everybody, at=60.0),
        Track(usual={"served": Usual(level=50.0, spread=0.05)}, looks={"traffic": 3}),
        0.99,
        entry=True,
    )
    assert told.text == "50.0 requests/s come in and 98% of them are refused (usual: 50.0)"


def test_what_was_seen_in_trouble_is_not_usual() -> None:
    track = Track()
    for number in range(200):
        track.add(Look(15.0 * number, 10.0, 0.0, 1.0), troubled=False)
    for number in range(200, 1000):
        track.add(Look(15.0 * number, 10.0, 9.0, 90.0), troubled=True)
    assert track.usual["latency"].level == pytest.approx(0.1)


Moments = st.lists(st.tuples(st.floats(0, 5000), st.sampled_from([CART, WEB, BANK])), max_size=60)


@given(Moments)
def test_a_trouble_is_told_once_and_ends_once(moments: list[tuple[float, Entity]]) -> None:
    troubles, told = Troubles(), []
    for at, entity in sorted(moments, key=lambda pair: pair[0]):
        told += troubles.take({entity: [FAILING]}, at)
    told += troubles.take({}, 10_000.0)
    began, ended = ([one for one in told if one.resolved is over] for over in (False, True))
    assert len({one.id for one in began}) == len(began)
    assert sorted(one.id for one in began) == sorted(one.id for one in ended)
    assert bool(began) is bool(moments)


def test_what_spreads_to_other_services_is_one_trouble() -> None:
    troubles = Troubles()
    (first,) = troubles.take({CART: [FAILING], WEB: [FAILING]}, 0.0)
    assert first.subject in (CART, WEB)
    assert troubles.take({BANK: [FAILING]}, TOGETHER) == []
    assert [one.resolved for one in troubles.take({}, TOGETHER + CALM)] == [True]


def test_trouble_elsewhere_that_begins_later_is_another_one() -> None:
    troubles = Troubles()
    troubles.take({CART: [FAILING]}, 0.0)
    troubles.take({CART: [FAILING]}, 100.0)
    (second,) = troubles.take({CART: [FAILING], BANK: [FAILING]}, TOGETHER + 1)
    assert second.subject == BANK


def test_new_trouble_after_the_end_of_an_old_one_is_told_again() -> None:
    troubles = Troubles()
    (first,) = troubles.take({CART: [FAILING]}, 0.0)
    troubles.take({}, CALM)
    (second,) = troubles.take({CART: [FAILING]}, CALM + 15)
    assert second.id != first.id
