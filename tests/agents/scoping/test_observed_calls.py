"""How calls fail."""

from __future__ import annotations

from aiops.agents.scoping.observed_calls import main_error, met_error
from aiops.tools.dependencies import CallStats


def test_the_kind_of_most_errors() -> None:
    stats = CallStats(rate=1, error_ratio=0.4, error_types={"timeout": 0.1, "refused": 0.3})
    assert main_error(stats) == "refused"
    assert main_error(CallStats(rate=1, error_ratio=0.0, error_types={})) == ""


def test_behind_an_open_circuit_breaker_the_calls_that_try_say_why() -> None:
    def met(**kinds: float) -> str:
        return met_error(CallStats(rate=1, error_ratio=sum(kinds.values()), error_types=kinds))

    assert met(circuit_open=0.9, name_not_resolved=0.05) == "name_not_resolved"
    assert met(circuit_open=0.9, timeout=0.01) == "circuit_open", "too few to be no chance"
    assert met(refused=0.3, timeout=0.2) == "refused"
    assert met() == ""
