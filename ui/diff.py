"""A unified diff as coloured lines. A sign stands in front of each, so that colour is not the only mark."""

from __future__ import annotations

from typing import Literal

from aiops.ui.dom import box, text

Kind = Literal["add", "del", "hunk", "file", "same"]

MOST_LINES = 400


def kind(line: str) -> Kind:
    """What one line of a unified diff says."""
    if line.startswith(("+++", "---")):
        return "file"
    if line.startswith("@@"):
        return "hunk"
    return "add" if line.startswith("+") else "del" if line.startswith("-") else "same"


def draw(diff: str) -> None:
    lines = diff.splitlines()
    with box("div", "diff", role="region", aria_label="Diff of the change", tabindex="0"):
        for line in lines[:MOST_LINES]:
            text(line or " ", "div", f"line {kind(line)}")
        if len(lines) > MOST_LINES:
            text(f"… {len(lines) - MOST_LINES} more lines", "div", "line hunk")
