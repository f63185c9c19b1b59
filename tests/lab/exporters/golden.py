"""Names and labels of everything that exporters give; `python -m tests.lab.exporters.golden` lists them anew."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from aiops.core.telemetry import Series
from aiops.lab.tsdb import Matcher
from aiops.lab.world import World

GOLDEN = Path(__file__).parent / "golden.json"


def lived(application: str) -> World:
    world = World(application, seed=2)
    for _ in world.ticks(240.0):
        pass
    return world


def scraped(worlds: Sequence[World]) -> list[Series]:
    """Every series that is not a rule's."""
    rules = Matcher("__name__", "!~", "ALERTS.*")
    return [series for world in worlds for series in world.series.select([rules], 0.0, world.now)]


def names_of(everything: Sequence[Series]) -> dict[str, dict[str, list[str]]]:
    """Job -> metric -> names of labels. The programs' own jobs are one."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for series in everything:
        job = series.labels["job"]
        found["programs" if "/" in job else job][series.name] |= series.labels.keys() - {"__name__"}
    return {job: {name: sorted(names[name]) for name in sorted(names)} for job, names in sorted(found.items())}


def main() -> None:
    found = names_of(scraped([lived("hotel"), lived("training")]))
    GOLDEN.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
