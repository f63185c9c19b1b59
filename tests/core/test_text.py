"""What others wrote is shown as it is written, and bounded."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.text import BLANKS, INVISIBLE, LAYOUT, cut, visible


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\x1b", "\\x1b"),
        ("\r", "\\r"),
        ("\u202e", "\\u202e"),
        ("\u200b", "\\u200b"),
        ("\ufeff", "\\ufeff"),
        ("\u00ad", "\\xad"),
        ("\u061c", "\\u061c"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\u3164", "\\u3164"),
        ("\u034f", "\\u034f"),
        ("\ufe0f", "\\ufe0f"),
        ("\U000e0101", "\\U000e0101"),
    ],
)
def test_what_steers_or_hides_is_written_out(character: str, shown: str) -> None:
    assert visible(f"a{character}b") == f"a{shown}b"


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    assert not [c for c in visible(text) if unicodedata.category(c) in INVISIBLE and c not in LAYOUT]


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters=BLANKS)))
def test_ordinary_text_stays(text: str) -> None:
    assert visible(text) == text


@given(st.text(), st.integers(1, 50))
def test_cut_text_fits_and_begins_the_same(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    assert short == text or (short[-1] == "…" and text.startswith(short[:-1]))
