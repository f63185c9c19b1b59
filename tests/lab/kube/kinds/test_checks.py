"""The checks that many kinds share."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.core.quantity import parse_quantity
from aiops.lab.kube.kinds.checks.differences import difference
from aiops.lab.kube.kinds.checks.formats import Format, dns_1035, dns_label, dns_subdomain, env_name, label_key
from aiops.lab.kube.kinds.checks.labels import label_selector
from aiops.lab.kube.kinds.checks.numbers import count_or_percent
from aiops.lab.kube.kinds.checks.quantities import plain, plain_list
from aiops.lab.kube.kinds.checks.schedules import parse_schedule


@pytest.mark.parametrize(
    ("check", "value", "good"),
    [
        (dns_label, "web-1", True),
        (dns_label, "Web", False),
        (dns_label, "a" * 64, False),
        (dns_subdomain, "a.b-c.d", True),
        (dns_subdomain, "a..b", False),
        (dns_1035, "1web", False),
        (label_key, "example.com/name", True),
        (label_key, "a/b/c", False),
        (label_key, "/b", False),
        (env_name, "A_B.c-d", True),
        (env_name, "a=b", False),
    ],
)
def test_names(check: Format, value: str, good: bool) -> None:
    assert (not check(value)) is good


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("0.5", "500m"),
        ("1e3", "1e3"),
        ("1500Mi", "1500Mi"),
        ("0Gi", "0"),
        ("x", "x"),
    ],
)
def test_quantities_have_one_text(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_lists_of_resources_are_rounded_up_to_thousandths() -> None:
    amounts = {"a": "1n", "b": "1500u", "c": "250m", "d": "1e-9", "e": "1500e-6", "f": "no quantity", "g": "2"}
    plain_list(amounts)
    assert amounts == {"a": "1m", "b": "2m", "c": "250m", "d": "1e-3", "e": "2e-3", "f": "no quantity", "g": "2"}


@given(st.integers(0, 10**9), st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi"]))
def test_the_text_of_a_quantity_is_of_the_same_amount_and_stays(number: int, suffix: str) -> None:
    text = plain(f"{number}{suffix}")
    assert parse_quantity(text) == pytest.approx(parse_quantity(f"{number}{suffix}"))
    assert plain(text) == text


@pytest.mark.parametrize(
    ("selector", "fields"),
    [
        (None, []),
        ({"matchLabels": {"a": "b"}}, []),
        ({"matchLabels": {"a": "b c"}}, ["s.matchLabels"]),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, ["s.matchExpressions[0].values"]),
        ({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]}, ["s.matchExpressions[0].values"]),
        ({"matchExpressions": [{"key": "a", "operator": "Like"}]}, ["s.matchExpressions[0].operator"]),
    ],
)
def test_selectors(selector: dict[str, object] | None, fields: list[str]) -> None:
    assert [cause.field for cause in label_selector(selector, "s")] == fields


@pytest.mark.parametrize(("value", "good"), [(1, True), ("10%", True), (-1, False), ("10", False), ("x%", False)])
def test_counts_and_percentages(value: int | str, good: bool) -> None:
    assert (not list(count_or_percent(value, "f"))) is good


def test_schedules() -> None:
    schedule = parse_schedule("*/15 0 1,15 * MON-FRI")
    assert sorted(schedule.minutes) == [0, 15, 30, 45]
    assert (sorted(schedule.hours), sorted(schedule.days), sorted(schedule.weekdays)) == ([0], [1, 15], [1, 2, 3, 4, 5])
    assert parse_schedule("@every 90s").every == 90
    assert parse_schedule("TZ=UTC @daily") == parse_schedule("0 0 * * *")


@given(st.text(alphabet="*/0123456789,- @aMON", max_size=20))
def test_any_schedule_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInputError):
        parse_schedule(text)


def test_a_difference_shows_both_sides() -> None:
    shown = difference({"a": 1, "b": 2}, {"a": 1, "b": 3})
    assert any(line.lstrip().startswith("-") for line in shown.splitlines())
    assert any(line.lstrip().startswith("+") for line in shown.splitlines())
