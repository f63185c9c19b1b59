"""How a change is told."""

from __future__ import annotations

import pytest

from aiops.agents.specialists.changes import lead
from aiops.analysis.changes.suspicion import SuspectChange
from aiops.core.changes import Change
from aiops.core.entity import Entity

CHANGE = Change(at=1000, entity=Entity(kind="Service", namespace="shop", name="cart"), verb="updated")


@pytest.mark.parametrize(("seconds", "text"), [(90.0, "90 s before"), (0.0, "0 s before"), (-20.0, "20 s after")])
def test_a_change_may_be_seen_just_after_the_first_signal(seconds: float, text: str) -> None:
    assert lead(SuspectChange(CHANGE, 0.9, seconds, 0)) == text
