from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.logs.masks import mask
from aiops.analysis.logs.templates import group, parse
from aiops.core.entity import Entity
from aiops.core.telemetry import LogLine

POD = Entity(kind="Pod", namespace="shop", name="cart-1")
OTHER = Entity(kind="Pod", namespace="shop", name="cart-2")


def _lines(*messages: str) -> list[LogLine]:
    return [LogLine(time=float(i), entity=POD, message=message) for i, message in enumerate(messages)]


def test_lines_of_one_statement_are_one_template() -> None:
    found = group(
        _lines(
            "level=info msg=served path=/hotels status=200",
            "level=info msg=served path=/users status=200",
            "level=error msg=failed reason=timeout after=30s",
        )
    )
    assert [(g.template, g.count) for g in found] == [
        ("level=info msg=served path=<*> status=<*>", 2),
        ("level=error msg=failed reason=timeout after=<*>", 1),
    ]


def test_a_group_tells_its_times_pods_and_first_line() -> None:
    lines = [LogLine(30.0, OTHER, "got 5 items"), LogLine(10.0, POD, "got 7 items"), LogLine(20.0, POD, "got 9 items")]
    found = group(lines)[0]
    assert (found.first, found.last, found.times) == (10.0, 30.0, (10.0, 20.0, 30.0))
    assert found.entities == (POD, OTHER)
    assert found.example == "got 7 items"


def test_nothing_gives_no_groups_and_odd_lines_do_no_harm() -> None:
    assert group([]) == []
    found = group(_lines("", "   ", "x" * 10000, " ".join(["word"] * 500), "\x00\ud83d"))
    assert sum(g.count for g in found) == 5


WORDS = st.sampled_from(["get", "put", "error", "done", "user=7", "id=99", "10.0.0.1", "timeout", "after", "to"])
MESSAGES = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), max_size=40)


@given(MESSAGES, st.integers(0, 1000))
def test_the_order_of_the_lines_does_not_matter(messages: list[str], seed: int) -> None:
    lines = _lines(*messages)
    shuffled = random.Random(seed).sample(lines, len(lines))
    assert group(lines) == group(shuffled)


@given(MESSAGES)
def test_every_line_is_in_exactly_one_group(messages: list[str]) -> None:
    found = group(_lines(*messages))
    assert sum(g.count for g in found) == len(messages)
    assert len({g.template for g in found}) == len(found)
    times = sorted(t for g in found for t in g.times)
    assert times == [float(i) for i in range(len(messages))]


@given(MESSAGES)
def test_lines_that_are_equal_after_masking_stay_together(messages: list[str]) -> None:
    lines = _lines(*messages)
    home = {time: g.template for g in group(lines) for time in g.times}
    by_mask: dict[str, set[str]] = {}
    for line in lines:
        by_mask.setdefault(mask(line.message), set()).add(home[line.time])
    assert all(len(templates) == 1 for templates in by_mask.values())


@given(MESSAGES)
def test_messages_are_counted_by_template(messages: list[str]) -> None:
    found = parse(messages)
    assert len(found.assignment) == len(messages)
    assert found.counts.tolist() == [found.assignment.tolist().count(i) for i in range(len(found.templates))]
    assert sorted(found.counts.tolist(), reverse=True) == found.counts.tolist()


def test_a_template_holds_no_secret() -> None:
    assert parse(["login failed password=hunter2"] * 2).templates == ("login failed password=<*>",)
