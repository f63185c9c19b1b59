"""A store with one service whose error ratio a test moves, and a rule about it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiops.lab.prometheus import RuleEngine, load_rules
from aiops.lab.tsdb import TimeSeriesStore

RULES: dict[str, Any] = {
    "groups": [
        {
            "name": "slo",
            "rules": [
                {
                    "alert": "ErrorsHigh",
                    "expr": "errors > 0.05",
                    "for": "1m",
                    "labels": {"severity": "critical", "team": "{{ $labels.service }}-team"},
                    "annotations": {"summary": "{{ $labels.service }} fails", "description": "ratio {{ $value }}"},
                }
            ],
        }
    ]
}


class Bench:
    """Writes `errors{namespace,service}` and evaluates the rules every 15 seconds, from 0 on."""

    def __init__(self, document: dict[str, Any] = RULES) -> None:
        self.store = TimeSeriesStore()
        self.rules = RuleEngine(load_rules(document), self.store)
        self.now = 0.0

    def run(self, seconds: float, **errors: float) -> None:
        """Let time pass with these error ratios by service."""
        for _ in range(round(seconds / 15)):
            ids = [self.store.series("errors", {"namespace": "shop", "service": name}) for name in errors]
            self.store.append(self.now, ids, np.array(list(errors.values())))
            self.rules.evaluate(self.now)
            self.now += 15

    def states(self) -> dict[str, str]:
        return {dict(alert.labels)["service"]: alert.state for alert in self.rules.alerts()}


@pytest.fixture
def bench() -> Bench:
    return Bench()
