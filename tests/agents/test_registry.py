"""What a specialist brings of all that it observed."""

from __future__ import annotations

from typing import Any

from aiops.agents.registry import Specialist
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.metrics import observe
from aiops.agents.specialists.support.signal_rules import RULES
from aiops.core.evidence import Source
from tests.support.investigation import WEB, make_scope, make_series

ERRORS = next(rule for rule in RULES if rule.name == "error_ratio")


async def test_a_specialist_keeps_the_strongest_and_numbers_them_by_attempt() -> None:
    async def many(scope: Scope, _: Any) -> list[Any]:
        return [observe(WEB, ERRORS, make_series(0.0, 0.1 + i / 1000), scope) for i in range(70)]

    crowd = Specialist("crowd", Source.METRICS, (), "For a test.", many)
    found = await crowd.run(make_scope(attempt=2), None)  # type: ignore[arg-type]
    assert len(found.evidence) == 60
    assert found.evidence[0].id == "crowd-2-1"
    assert found.evidence[0].score == max(e.score for e in found.evidence)
    assert found.missing == ("10 weaker observations were left out",)
