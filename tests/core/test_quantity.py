from __future__ import annotations

import math
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.core.quantity import cpu, memory, parse_quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("100m", 0.1),
        ("1.5", 1.5),
        ("+2", 2),
        ("-3k", -3000),
        (".5Gi", 2**29),
        ("2.", 2),
        ("128Mi", 128 * 2**20),
        ("12e6", 12e6),
        ("1E3", 1000),
        ("1E", 1e18),
        ("250u", 0.00025),
        ("7n", 7e-9),
        (4, 4),
        (0.25, 0.25),
    ],
)
def test_documented_forms(text: str | int | float, value: float) -> None:
    assert parse_quantity(text) == value


@pytest.mark.parametrize(
    "text", ["", "Mi", "1 Mi", "1mi", "1KB", "1e", "--1", "0x10", "1_000", "nan", "inf", "1\n", True]
)
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInputError, match="not a quantity"):
        parse_quantity(text)


@given(st.decimals(-(10**12), 10**12, places=3), st.sampled_from(["", "Ki", "Mi", "Gi"]))
def test_suffix_multiplies(number: Decimal, suffix: str) -> None:
    factor = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}[suffix]
    assert math.isclose(parse_quantity(f"{number:f}{suffix}"), float(number) * factor, rel_tol=1e-12)


@given(st.text(max_size=8))
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    with suppress(InvalidInputError):
        assert math.isfinite(parse_quantity(text))


MANY = 500_000
"""To look again from each character takes hours."""


@pytest.mark.parametrize("text", ["1" * MANY + "!", "." * MANY, "1." * MANY, "1e" * MANY])
def test_a_long_text_is_refused_at_once_and_not_repeated_whole(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_quantity(text)
    assert len(str(refused.value)) < 200


@given(st.floats(0, 1e13))
def test_memory_is_never_rounded_down(size: float) -> None:
    assert parse_quantity(memory(size)) >= int(size)
    assert parse_quantity(memory(size)) - size <= 1024 * 1024


@given(st.floats(0.001, 1000))
def test_cores_are_kept_to_the_millicore(cores: float) -> None:
    assert abs(parse_quantity(cpu(cores)) - cores) <= 0.0005 + 1e-9


def test_texts() -> None:
    assert (memory(1), memory(128 * 1024 * 1024), cpu(0.25), cpu(0)) == ("1Mi", "128Mi", "250m", "1m")
