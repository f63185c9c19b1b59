"""The canary judgement of golden signals around a change."""

from __future__ import annotations

import numpy as np
import pytest

from aiops.agents.scoping.scope import CallMap, Scope
from aiops.agents.verification.user_signals import entry_check, others_check
from aiops.core.action import Outcome
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.telemetry import Series
from aiops.tools.golden_signals import EntitySignals, GoldenSignals, Signal
from aiops.tools.kit.results import TimeSeries
from aiops.tools.kit.signal_sources import SignalName

WEB, CART = (Entity(kind="Deployment", namespace="shop", name=n) for n in ("web", "cart"))
BASELINE, DURING, RECENT = Window(start=0, end=900), Window(start=1000, end=1300), Window(start=1400, end=1600)
BELONGS = {"Service/shop/web": (WEB,), "Service/shop/cart": (CART,)}
SCOPE = Scope(
    namespaces=("shop",),
    signals=(),
    onset=1000,
    reported=1100,
    window=Window(start=1000, end=1300),
    baseline=BASELINE,
    call_map=CallMap(workloads=(WEB, CART), belongs=BELONGS, entries=(WEB,)),
)


def results(service: str, name: SignalName, before: float, during: float, after: float) -> list[GoldenSignals]:
    times = np.arange(0, 1601, 15.0)
    noise = np.random.default_rng(1).normal(0, 0.0005, len(times))
    level = np.where(times < 1000, before, np.where(times < 1350, during, after))
    series = TimeSeries.of(Series({}, times, np.abs(level + noise)))
    entity = Entity(kind="Service", namespace="shop", name=service)
    signal = Signal(name=name, value=after, baseline=before, series=series)
    return [GoldenSignals(entities=(EntitySignals(entity=entity, signals=(signal,)),), step=15)]


@pytest.mark.parametrize(
    ("levels", "outcome"),
    [
        ((0.001, 0.4, 0.001), Outcome.BETTER),
        ((0.001, 0.4, 0.2), Outcome.UNCHANGED),
        ((0.001, 0.4, 0.9), Outcome.WORSE),
        ((0.001, 0.001, 0.001), Outcome.BETTER),
        ((0.001, 0.001, 0.5), Outcome.WORSE),
    ],
)
def test_users_are_back_at_their_baseline_or_not(levels: tuple[float, float, float], outcome: Outcome) -> None:
    found = entry_check(results("web", "error_ratio", *levels), SCOPE, DURING, RECENT, looks=3)
    assert found is not None
    assert found.outcome == outcome


def test_latency_may_end_a_little_off_its_baseline() -> None:
    near = entry_check(results("web", "p99", 0.100, 2.0, 0.115), SCOPE, DURING, RECENT, looks=1)
    far = entry_check(results("web", "p99", 0.100, 2.0, 0.300), SCOPE, DURING, RECENT, looks=1)
    assert near is not None
    assert far is not None
    assert (near.outcome, far.outcome) == (Outcome.BETTER, Outcome.UNCHANGED)


def test_next_to_nothing_of_the_trouble_may_be_left_in_a_quantile() -> None:
    under_load = entry_check(results("web", "p99", 0.096, 9.0, 0.400), SCOPE, DURING, RECENT, looks=1)
    too_much = entry_check(results("web", "p99", 0.096, 9.0, 0.600), SCOPE, DURING, RECENT, looks=1)
    half_of_it = entry_check(results("web", "p99", 0.096, 0.350, 0.230), SCOPE, DURING, RECENT, looks=1)
    errors = entry_check(results("web", "error_ratio", 0.001, 0.9, 0.03), SCOPE, DURING, RECENT, looks=1)
    outcomes = [check.outcome for check in (under_load, too_much, half_of_it, errors) if check]
    assert outcomes == [Outcome.BETTER, Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.UNCHANGED]


def test_a_signal_that_goes_up_and_down_by_itself_is_no_harm() -> None:
    times = np.arange(0, 1601, 15.0)
    waves = np.where((times // 240) % 2 == 0, 0.100, 0.160)
    steps = [np.where(times >= 1400, level, 0.100) for level in (0.160, 0.400)]
    outcomes = (Outcome.BETTER, Outcome.UNCHANGED, Outcome.WORSE)
    for levels, outcome in zip((waves, *steps), outcomes, strict=True):
        series = TimeSeries.of(Series({}, times, levels + np.random.default_rng(2).normal(0, 1e-4, len(times))))
        entity = Entity(kind="Service", namespace="shop", name="web")
        signals = (Signal(name="p99", value=0.16, baseline=0.1, series=series),)
        told = [GoldenSignals(entities=(EntitySignals(entity=entity, signals=signals),), step=15)]
        found = entry_check(told, SCOPE, DURING, RECENT, looks=1)
        assert found is not None
        assert found.outcome == outcome


def test_too_short_a_look_is_not_yet_better() -> None:
    found = entry_check(results("web", "error_ratio", 0, 0.4, 0), SCOPE, DURING, Window(start=1590, end=1600), looks=1)
    assert found is not None
    assert found.outcome == Outcome.UNCHANGED


def test_another_service_must_not_pay_for_it() -> None:
    broke = others_check(results("cart", "error_ratio", 0.0, 0.0, 0.3), SCOPE, DURING, RECENT, looks=1)
    suffered = others_check(results("cart", "error_ratio", 0.0, 0.9, 0.3), SCOPE, DURING, RECENT, looks=1)
    assert broke is not None
    assert suffered is not None
    assert (broke.outcome, suffered.outcome) == (Outcome.WORSE, Outcome.BETTER)


def test_without_data_there_is_no_check() -> None:
    assert entry_check([], SCOPE, DURING, RECENT, looks=1) is None
    assert others_check(results("web", "error_ratio", 0, 0, 0), SCOPE, DURING, RECENT, looks=1) is None
