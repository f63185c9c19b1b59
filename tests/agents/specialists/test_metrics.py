"""What counts as a departure of a golden signal."""

from __future__ import annotations

from aiops.agents.specialists.metrics import observe
from aiops.agents.specialists.support.signal_rules import RULES
from aiops.core.mechanism import Mechanism
from tests.support.investigation import ONSET, WEB, make_scope, make_series

ERRORS = next(rule for rule in RULES if rule.name == "error_ratio")
RATE = next(rule for rule in RULES if rule.name == "rate")


def test_a_rise_of_errors_is_observed_with_its_onset() -> None:
    found = observe(WEB, ERRORS, make_series(0.0, 0.4), make_scope())
    assert found is not None
    assert found.score > 0.9
    assert found.onset == ONSET + 30
    assert (found.observed, found.baseline) == ("40.0% of requests fail", "0.0%")


def test_fewer_errors_and_trifles_are_no_trouble() -> None:
    assert observe(WEB, ERRORS, make_series(0.4, 0.0), make_scope()) is None
    assert observe(WEB, ERRORS, make_series(0.0, 0.001), make_scope()) is None


def test_a_drop_of_traffic_counts_more_than_a_rise() -> None:
    drop = observe(WEB, RATE, make_series(100, 1), make_scope())
    rise = observe(WEB, RATE, make_series(100, 199), make_scope())
    assert drop is not None
    assert rise is not None
    assert drop.score > rise.score
    assert [h.mechanism for h in rise.suggests] == [Mechanism.LOAD_INCREASE]
