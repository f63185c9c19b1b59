"""The signals of `inner_signals.yaml`: what they are of, and their PromQL."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Literal

import yaml

from aiops.core.model import Value
from aiops.tools.kit.signal_sources import rate_window

Level = Literal["pod", "node", "device"]


class InnerSignal(Value):
    """A signal: `any` are the expressions of the families of metrics that have it, `together` how pods are joined."""

    of: Level
    unit: str
    together: Literal["sum", "max"]
    any: tuple[str, ...]

    def promql(self, match: str, step: float) -> str:
        """One series for each pod, node or device; `match` are label matchers without braces."""
        inside = {"m": f"{match}," if match else "", "w": rate_window(step)}
        return " or ".join(f"({Template(each).substitute(inside)})" for each in self.any)


@cache
def inner_signals() -> Mapping[str, InnerSignal]:
    """All signals by name."""
    text = files(__package__).joinpath("inner_signals.yaml").read_text(encoding="utf-8")
    return {name: InnerSignal.model_validate(spec) for name, spec in yaml.safe_load(text).items()}
