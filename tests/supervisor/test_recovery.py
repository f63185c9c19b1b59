"""What is not taken for well again, though all figures of requests are as before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from aiops.agents.registry import Findings
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.supervisor.nodes.recovery import _is_well
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState
from tests.support.investigation import CART, see


async def test_harm_that_no_figure_of_requests_shows_has_not_passed_because_those_are_well() -> None:
    lag = Hypothesis(subject=CART, mechanism=Mechanism.QUEUE_CONSUMER_LAG, strength=0.5)
    found = Findings(specialist="behaviour", evidence=(see("b", CART, 0.8, suggests=(lag,)),))
    state: dict[str, Any] = {"kept": (), "findings": {"behaviour": found}}
    nobody = cast("Services", SimpleNamespace())  # nothing has to be looked at
    assert not await _is_well(nobody, cast("GraphState", state))
