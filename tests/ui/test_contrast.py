"""Every text colour can be read on every surface it stands on (WCAG 2.1, level AA: 4.5 to 1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aiops.ui

TOKENS = (Path(aiops.ui.__file__).parent / "static" / "tokens.css").read_text()
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")
PAIRS = [
    *(
        (text, ground)
        for text in ("text", "muted", "accent", "good", "warn", "bad")
        for ground in ("surface", "ground")
    ),
    *((text, "sunken") for text in ("text", "muted")),
    *((tone, f"{tone}-ground") for tone in ("good", "warn", "bad")),
    ("accent", "busy-ground"),
    ("good", "add"),
    ("bad", "del"),
    ("on-accent", "accent"),
    ("surface", "bad"),
]


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", css))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("css", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(css: str, text: str, ground: str) -> None:
    colours = _colours(css)
    assert _contrast(colours[text], colours[ground]) >= 4.5


def test_black_on_white_is_21_to_1() -> None:
    assert round(_contrast("000000", "ffffff"), 2) == 21
