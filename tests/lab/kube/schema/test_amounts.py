"""Quantities as Kubernetes writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.quantity import parse_quantity
from aiops.lab.kube.schema.amounts import WRONG_FORMAT, WRONG_SUFFIX, WrongQuantityError, canonical


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("1.5", "1500m"),
        ("0.5Gi", "512Mi"),
        ("1024Mi", "1Gi"),
        ("1025Mi", "1025Mi"),
        ("1023Ki", "1023Ki"),
        ("0.5Ki", "512"),
        ("1.5Ki", "1536"),
        ("1e3", "1e3"),
        ("2.5e4", "2.5e4"),
        ("12e6", "12e6"),
        ("100000k", "100M"),
        ("0", "0"),
        ("0.0", "0"),
        ("-1500m", "-1500m"),
        ("0.5n", "1n"),
        ("1.2345678901", "1234567891n"),
        ("10Ei", "9223372036854775807"),
        ("00010", "00010"),
        (".5", "500m"),
        ("", None),
        ("abc", None),
        ("1x", None),
        ("1Kib", None),
        ("1 ", None),
    ],
)
def test_the_plainest_form(text: str, written: str | None) -> None:
    if written is None:
        with pytest.raises(WrongQuantityError, match=r"^quantities must match"):
            canonical(text)
    else:
        assert canonical(text) == written


@pytest.mark.parametrize(("text", "why"), [("1e", WRONG_SUFFIX), ("1ki", WRONG_SUFFIX), ("1ik", WRONG_SUFFIX)])
def test_what_has_letters_of_a_suffix_and_is_none(text: str, why: str) -> None:
    with pytest.raises(WrongQuantityError) as refused:
        canonical(text)
    assert str(refused.value) == why


suffixes = st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-2"])
amounts = st.builds(lambda whole, fraction, suffix: f"{whole}.{fraction}{suffix}", st.integers(0, 9999),
                    st.integers(0, 999), suffixes)  # fmt: skip


@given(amounts)
def test_the_value_stays_and_twice_is_once(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert parse_quantity(once) == pytest.approx(parse_quantity(text), abs=1e-9)


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        canonical(text)
    except WrongQuantityError as error:
        assert str(error) in (WRONG_FORMAT, WRONG_SUFFIX)  # noqa: PT017 - reading it is right too
