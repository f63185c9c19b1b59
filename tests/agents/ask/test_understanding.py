"""Words, names, places, periods and slips of the finger."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.agents.ask.kinds.calls import asks_for_callers
from aiops.agents.ask.known import Known
from aiops.agents.ask.periods import MOST, period
from aiops.agents.ask.routing import route
from aiops.agents.ask.spelling import distance, near, nearest
from aiops.agents.ask.understanding import LONGEST, understand
from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity

NOW = 1_800_000_000.0  # 08:00 UTC


def known(**names: tuple[str, ...]) -> Known:
    """Deployments by namespace."""
    entities: dict[str, tuple[Entity, ...]] = {}
    for namespace, deployments in names.items():
        for name in deployments:
            entity = Entity(kind="Deployment", namespace=namespace, name=name)
            entities[name] = (*entities.get(name, ()), entity)
    return Known(tuple(sorted(names)), entities, ClusterState([], NOW))


SHOP = known(shop=("cart", "rate", "user", "orders-api"), lab=("cart", "web"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("in the last 10 minutes", 600),
        ("past quarter of an hour", 900),
        ("over the past three quarters of an hour", 2700),
        ("last half hour", 1800),
        ("half an hour ago", 1800),
        ("in the last couple of hours", 7200),
        ("the last hour", 3600),
        ("within the past 2h", 7200),
        ("for the last 45 min", 2700),
        ("since yesterday", 8 * 3600 + 86400),
        ("today", 8 * 3600),
        ("since 07:45", 900),
        ("since 23:00", 9 * 3600),
        ("last 900000 weeks", MOST),
        ("changed recently", None),
        ("since 25:99", None),
        ("a pod", None),
    ],
)
def test_periods(text: str, seconds: float | None) -> None:
    assert period(text, NOW)[0] == seconds


def test_a_period_leaves_the_rest_of_the_question() -> None:
    assert period("what changed in the last 10 minutes in shop", NOW)[1].split() == ["what", "changed", "in", "shop"]
    assert "v2h" in period("is v2h fine", NOW)[1]


@given(st.text(max_size=200))
def test_any_text_is_understood_without_an_error_and_in_bounds(text: str) -> None:
    question = understand(text, SHOP, NOW)
    route(question)
    assert question.seconds is None or 1 <= question.seconds <= MOST
    assert question.namespace in ("", "shop", "lab")


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_the_distance_is_a_symmetric_one(left: str, right: str) -> None:
    found = distance(left, right, 9)
    assert found == distance(right, left, 9)
    assert (found == 0) == (left == right)
    assert abs(len(left) - len(right)) <= found <= max(len(left), len(right))


def test_a_slip_is_forgiven_and_a_guess_is_not_made() -> None:
    assert nearest("chekcout", ["checkout", "cart"]) == ("checkout", 1)
    assert nearest("kart", ["cart"]) is None, "another first letter is another word"
    assert nearest("cat", ["cart"]) is None, "too short to tell"
    assert nearest("boat", ["boot", "beat"]) is None, "two are as near"
    assert near("chekout", ["checkout", "cart"]) == ["checkout"]


@pytest.mark.parametrize(
    ("text", "namespace", "unknown"),
    [
        ("which pods fail in shop", "shop", ""),
        ("in the shop namespace, which pods fail", "shop", ""),
        ("pods failing, namespace lab", "lab", ""),
        ("shop pods failing?", "shop", ""),
        ("pods failing in kitchen", "", "kitchen"),
        ("pods failing", "", ""),
    ],
)
def test_places(text: str, namespace: str, unknown: str) -> None:
    question = understand(text, SHOP, NOW)
    assert (question.namespace, question.unknown_namespace) == (namespace, unknown)


def test_a_name_is_looked_for_in_the_namespace_and_is_ambiguous_without_one() -> None:
    assert len(understand("why is cart slow", SHOP, NOW).subjects) == 2
    (one,) = understand("why is cart in lab slow", SHOP, NOW).subjects
    assert one.namespace == "lab"
    (chosen,) = understand("why is cart slow", SHOP, NOW, "shop").subjects
    assert chosen.namespace == "shop"


def test_a_name_that_is_also_a_common_word_gives_way_to_a_clear_one() -> None:
    assert [s.name for s in understand("what is the error rate of orders-api?", SHOP, NOW).subjects] == ["orders-api"]
    assert [s.name for s in understand("why is rate slow?", SHOP, NOW).subjects] == ["rate"]
    assert [s.name for s in understand("which user can read secrets of orders-api", SHOP, NOW).subjects] == [
        "orders-api"
    ]


def test_an_assumed_name_is_said() -> None:
    question = understand("why is ordres-api slow", SHOP, NOW)
    assert [s.name for s in question.subjects] == ["orders-api"]
    assert "orders-api" in " ".join(question.notes)


@pytest.mark.parametrize("text", ["delete the pods", "please restart cart", "could you scale cart", "hey, kill web"])
def test_orders_are_no_questions(text: str) -> None:
    question = understand(text, SHOP, NOW)
    assert question.order
    assert route(question) is None


@pytest.mark.parametrize(
    ("text", "callers"),
    [
        ("what calls cart", True),
        ("what does cart call", False),
        ("which services depend on cart", True),
        ("what does cart depend on", False),
        ("what is cart called by", True),
        ("which services are used by cart", False),
        ("dependencies of cart", False),
        ("clients of cart", True),
        ("list the upstream callers of cart", True),
    ],
)
def test_the_direction_of_calls(text: str, callers: bool) -> None:
    assert asks_for_callers(understand(text, known(shop=("cart",)), NOW)) == callers


def test_a_long_question_is_cut() -> None:
    understand("why " * 100_000, SHOP, NOW)
    assert len(understand("x " * LONGEST, SHOP, NOW).words) <= LONGEST
