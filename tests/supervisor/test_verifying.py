"""How long a change is looked at: until it stayed well for the hold time, is worse twice, or the time is up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from aiops.core.action import Outcome, Verdict
from aiops.core.clock import VirtualClock
from aiops.supervisor.nodes import verify as node
from aiops.supervisor.nodes.verify import HOLD_LOOK_SECONDS, LOOK_SECONDS

TIMEOUT, HOLD = 300.0, 180.0
IN_TIME = int(TIMEOUT / LOOK_SECONDS)
"""Looks before the time is up, while nothing is better."""
HOLDING = int(HOLD / HOLD_LOOK_SECONDS)
BETTER, UNCHANGED, WORSE = Outcome.BETTER, Outcome.UNCHANGED, Outcome.WORSE


async def judged(monkeypatch: pytest.MonkeyPatch, outcomes: list[Outcome]) -> tuple[Outcome, int, float]:
    """The verdict, the number of looks and the seconds that they took, where these are what is seen; the last stays."""
    left, looks = list(outcomes), []

    async def look(*_: Any, **__: Any) -> Verdict:
        looks.append(left.pop(0) if len(left) > 1 else left[0])
        return Verdict(outcome=looks[-1], checks=())

    monkeypatch.setattr(node.verification, "verify", look)
    clock = VirtualClock(0.0)
    services: Any = SimpleNamespace(
        settings=SimpleNamespace(verify_timeout_seconds=TIMEOUT, hold_seconds=HOLD),
        clock=clock,
        store=SimpleNamespace(add_event=lambda *_: None),
        context=None,
    )
    state = cast("Any", {"incident_id": "i", "before": None, "diagnosis": None, "scope": None})
    verdict = await node._judge(services, state, cast("Any", None))
    return verdict.outcome, len(looks), clock.now()


async def test_what_is_better_at_once_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await judged(monkeypatch, [BETTER]) == (BETTER, 1 + HOLDING, LOOK_SECONDS + HOLD)


async def test_what_becomes_better_at_the_last_look_has_its_time_to_stay_so(monkeypatch: pytest.MonkeyPatch) -> None:
    late = [*[UNCHANGED] * (IN_TIME - 1), BETTER]
    assert await judged(monkeypatch, late) == (BETTER, IN_TIME + HOLDING, TIMEOUT + HOLD)


async def test_what_does_not_stay_better_after_the_time_is_up_did_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    relapsed = [*[UNCHANGED] * (IN_TIME - 1), BETTER, UNCHANGED]
    assert await judged(monkeypatch, relapsed) == (UNCHANGED, IN_TIME + 1, TIMEOUT + HOLD_LOOK_SECONDS)


async def test_what_never_gets_better_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await judged(monkeypatch, [UNCHANGED]) == (UNCHANGED, IN_TIME, TIMEOUT)


async def test_worse_counts_when_it_is_seen_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await judged(monkeypatch, [WORSE]) == (WORSE, 2, 2 * LOOK_SECONDS)
    outcome, looks, _ = await judged(monkeypatch, [WORSE, UNCHANGED, WORSE, BETTER])
    assert (outcome, looks) == (BETTER, 4 + HOLDING)


@pytest.mark.parametrize(
    ("outcome", "cured", "eased", "last", "stays"),
    [
        (UNCHANGED, False, True, True, True),
        (UNCHANGED, True, False, False, True),
        (UNCHANGED, True, False, True, False),
        (UNCHANGED, False, False, False, False),
        (WORSE, False, True, False, False),
    ],
)
async def test_what_helped_most_users_stays(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome, cured: bool, eased: bool, last: bool, stays: bool
) -> None:
    async def judge(*_: Any) -> Verdict:
        return Verdict(outcome=outcome, checks=(), cured=cured, eased=eased)

    monkeypatch.setattr(node, "_judge", judge)
    store = SimpleNamespace(transition=lambda *_: None, add_event=lambda *_, **__: None)
    services: Any = SimpleNamespace(store=store, settings=SimpleNamespace(max_rounds=2))
    state: Any = {"incident_id": "i", "action": SimpleNamespace(id="a"), "tried": ["before"] if last else []}
    assert (await node.verify(services, state))["stays"] is stays
