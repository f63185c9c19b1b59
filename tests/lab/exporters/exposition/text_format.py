"""The newest samples of one target in the text format of exporters, as its page would show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from aiops.core.telemetry import Series
from aiops.lab.exporters.exposition.families import family_of


def page(series: Iterable[Series]) -> str:
    """`# HELP`, `# TYPE` and samples by family. The labels that Prometheus itself adds are left out."""
    families: dict[str, list[str]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for one in series:
        family, kind = family_of(one.name)
        kinds[family] = kind
        own = {k: v for k, v in sorted(one.labels.items()) if k not in ("__name__", "job", "instance")}
        shown = ",".join(f'{key}="{_escaped(value)}"' for key, value in own.items())
        families[family].append(f"{one.name}{{{shown}}} {float(one.values[-1])!r}")
    lines = []
    for family, samples in sorted(families.items()):
        lines += [f"# HELP {family} {family}.", f"# TYPE {family} {kinds[family]}", *samples]
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
