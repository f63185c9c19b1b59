"""How calls fail."""

from __future__ import annotations

from aiops.agents.scoping.observed_calls import main_error
from aiops.tools.dependencies import CallStats


def test_the_kind_of_most_errors() -> None:
    stats = CallStats(rate=1, error_ratio=0.4, error_types={"timeout": 0.1, "refused": 0.3})
    assert main_error(stats) == "refused"
    assert main_error(CallStats(rate=1, error_ratio=0.0, error_types={})) == ""
