"""Which setting a line complains about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.logs.named_setting import NamedSetting, setting_in


@pytest.mark.parametrize(
    ("line", "name", "missing"),
    [
        ("KeyError: 'ORDERS_ADDR'", "ORDERS_ADDR", True),
        ("panic: required environment variable ORDERS_ADDR is not set", "ORDERS_ADDR", True),
        ("fatal: ORDERS_ADDR must be set", "ORDERS_ADDR", True),
        ("Error: missing required env var ORDERS_ADDR", "ORDERS_ADDR", True),
        ("missing configuration: ORDERS_ADDR", "ORDERS_ADDR", True),
        ("Could not resolve placeholder 'orders.addr' in value", "orders.addr", True),
        ('config: invalid value for ORDERS_ADDR: "orders:"', "ORDERS_ADDR", False),
        ('ORDERS_ADDR="orders:" is not a valid address', "ORDERS_ADDR", False),
        ("failed to parse ORDERS_TIMEOUT: time: missing unit in duration", "ORDERS_TIMEOUT", False),
    ],
)
def test_the_setting_is_read_from_the_words_of_programs(line: str, name: str, missing: bool) -> None:
    assert setting_in(line) == NamedSetting(name, missing)


@pytest.mark.parametrize(
    "line",
    ["GET /orders 500 12ms", "connection to ORDERS refused", "HTTP_500 while calling orders", "server started"],
)
def test_other_lines_name_none(line: str) -> None:
    assert setting_in(line) is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = setting_in(text)
    assert found is None or found.name in text
