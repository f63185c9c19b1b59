"""What the tools that compare two windows share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.evidence import Window

BaselineArg = Annotated[Window | None, Field(description="an earlier window to compare with")]
StepArg = Annotated[float, Field(gt=0, description="seconds between two points of a series")]


def span(window: Window, baseline: Window | None) -> Window:
    """The smallest window that holds both."""
    if baseline is None:
        return window
    return Window(start=min(window.start, baseline.start), end=max(window.end, baseline.end))
