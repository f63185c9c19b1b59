"""Which level a line is taken to have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.loki.logql.levels import level_of

LEVELS = {"trace", "debug", "info", "warn", "error", "critical", "fatal", "unknown"}


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ('{"level":"info","msg":"no error here"}', "info"),
        ('{"ts":1,"severity": "ERROR"}', "error"),
        ('{"lvl":"WRN"}', "warn"),
        ("ts=1 level=warning msg=x", "warn"),
        ('level="dbg" msg=x', "debug"),
        ("2026-11-22 00:00:00 ERROR [main] it failed, for your info", "error"),
        ("[FATAL] cannot bind", "fatal"),
        ('{"level":30,"msg":"request"}', "unknown"),
        ('{"level":50,"msg":"an error"}', "error"),
        ("GET /information 200", "unknown"),
        ("errors=0", "unknown"),
        ("loglevel=debugging", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_field_comes_before_words(line: str, level: str) -> None:
    assert level_of(line) == level


@given(st.text())
def test_any_line_has_a_level(line: str) -> None:
    assert level_of(line) in LEVELS
