"""What each kind of data says of the entities, and the sum.

Each kind gives every entity a share in 0..1; the shares are added with fixed weights. What follows the calls (metrics
along the call graph, spans) weighs most: a large departure alone does not tell a cause from its victims.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from aiops.analysis.rootcause.from_recordings.blame import MetricBlame
from aiops.analysis.rootcause.from_recordings.hints import Hint
from aiops.analysis.rootcause.from_recordings.lineblame import LineBlame
from aiops.analysis.rootcause.from_recordings.spanblame import SpanBlame
from aiops.core.telemetry import FloatArray

FOLLOWED = 1.0
BESIDE_SPANS = 0.3
SPANS = 1.0
LINES = 0.3
HINTS = 0.5
POOLED = 0.1
POOLED_ALONE = 1.0
"""Weights of the parts. Departures of metrics weigh much where no calls could be followed; metrics that are followed
along calls weigh less where spans tell of the calls themselves."""

TELLING = 0.1
"""Blame in all that spans must give, for calls to have been followed by them."""


@dataclass(slots=True)
class Parts:
    """What each kind of data says; None where it was not recorded, or not both before and after the start. `felt`: what
    users feel is beyond chance, so that following it leads somewhere."""

    metrics: MetricBlame | None = None
    spans: SpanBlame | None = None
    lines: LineBlame | None = None
    hints: list[Hint] = field(default_factory=list)
    felt: bool = False

    @property
    def spans_tell(self) -> bool:
        """Do spans tell of the trouble?"""
        return self.spans is not None and float(self.spans.total.sum()) > TELLING

    @property
    def traced(self) -> bool:
        """Were calls followed, by metrics or by spans?"""
        return self.spans_tell or (self.felt and self.metrics is not None and self.metrics.followed is not None)


def fused(parts: Parts, count: int) -> FloatArray:
    """The weighted sum of all shares: (count,)."""
    score = np.zeros(count)
    if parts.metrics is not None:
        score += (POOLED if parts.traced else POOLED_ALONE) * parts.metrics.pooled
        if parts.metrics.followed is not None:
            score += (BESIDE_SPANS if parts.spans_tell else FOLLOWED) * parts.metrics.followed
    if parts.spans is not None:
        score += SPANS * parts.spans.total
    if parts.lines is not None:
        score += LINES * parts.lines.score
    told = np.zeros(count)
    for hint in parts.hints:
        told[hint.entity] = max(told[hint.entity], hint.strength)
    return score + HINTS * told
