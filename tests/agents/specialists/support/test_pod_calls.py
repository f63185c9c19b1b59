"""When calls of a pod to an address are in trouble: without answers, or slow; never for a few calls."""

from __future__ import annotations

import pytest

from aiops.agents.specialists.support.pod_calls import CallSums, Rates, trouble_of


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (Rates(10, 5, 0.1), Rates(10, 0, 0.1), (0.5, True)),
        (Rates(10, 5, 0.1), Rates(10, 5, 0.1), (0.0, False)),
        (Rates(10, 0, 4.0), Rates(10, 0, 1.0), (0.75, False)),
        (Rates(10, 0, 0.04), Rates(10, 0, 0.01), (0.0, False)),
        (Rates(10, 0, 4.0), Rates(), (0.0, False)),
        (Rates(0.01, 0.01, 1.0), Rates(10, 0, 0.1), (0.0, False)),
    ],
)
def test_trouble_is_what_was_not_there_before(now: Rates, before: Rates, expected: tuple[float, bool]) -> None:
    assert trouble_of(CallSums(now, before)) == pytest.approx(expected)


def test_rates_add_up() -> None:
    whole = Rates(1, 2, 3)
    whole.add(Rates(seconds=4))
    assert whole == Rates(1, 2, 7)
