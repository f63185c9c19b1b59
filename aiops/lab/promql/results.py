"""Answers of the engine."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.telemetry import Series
from aiops.lab.tsdb import Labels


@dataclass(frozen=True, slots=True)
class ScalarResult:
    """A number at a moment (unix seconds)."""

    time: float
    value: float


@dataclass(frozen=True, slots=True)
class StringResult:
    """A string at a moment (unix seconds)."""

    time: float
    value: str


@dataclass(frozen=True, slots=True)
class InstantVector:
    """Series with one value each, at a moment (unix seconds)."""

    time: float
    samples: list[tuple[Labels, float]]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Series over time, sorted by their labels."""

    series: list[Series]


Result = ScalarResult | StringResult | InstantVector | Matrix
