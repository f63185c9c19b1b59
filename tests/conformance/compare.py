"""Plays scripts against the lab and compares with the recordings:
`python -m tests.conformance.compare [AREA | AREA/NAME ...] [--json]`."""

from __future__ import annotations

import asyncio
import difflib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.conformance.lab import lab_cluster
from tests.conformance.plain_yaml import PlainLoader
from tests.conformance.player import Player
from tests.conformance.recording import load_recording, path_of, steps_of
from tests.conformance.script import Script, ScriptError, find_scripts

KNOWN = Path(__file__).parent / "known.yaml"
LINES = 40
"""Lines of a difference that are shown."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that the lab answers in another way, named AREA/NAME#ID, and how."""

    step: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many steps of a script there are, and those that differ."""

    script: str
    steps: int
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> int:
        return self.steps - len(self.differences)


async def compare(script: Script) -> Comparison:
    """Play a script on a new lab and compare it with its recording. Raises `OSError` where it has none."""
    recorded = load_recording(script.name).steps
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        async with lab_cluster(Path(folder)) as lab:
            steps = script.flat()
            try:
                played = steps_of(script, await Player(lab, home, script, strict=False).play())
            except ScriptError as error:
                return Comparison(script.name, len(steps), tuple(_all_differ(script, str(error))))
    return Comparison(script.name, len(steps), differences(script.name, recorded, played))


def differences(name: str, recorded: list[dict[str, Any]], played: list[dict[str, Any]]) -> tuple[Difference, ...]:
    """The steps of a script that are answered in another way than its recording says."""
    pairs = zip(recorded, played, strict=False)
    return tuple(_difference(name, old, new) for old, new in pairs if old["answer"] != new["answer"])


def known_differences() -> dict[str, str]:
    """The differences that there are for a reason: AREA/NAME#ID -> reason."""
    return dict(yaml.load(KNOWN.read_text(), PlainLoader) or {})


def table(comparisons: list[Comparison]) -> list[tuple[str, int, int]]:
    """(area, equal steps, steps), and the sum of all at the end."""
    areas = sorted({each.script.partition("/")[0] for each in comparisons})
    rows = []
    for area in areas:
        of_it = [each for each in comparisons if each.script.partition("/")[0] == area]
        rows.append((area, sum(each.equal for each in of_it), sum(each.steps for each in of_it)))
    return [*rows, ("all", sum(row[1] for row in rows), sum(row[2] for row in rows))]


def _difference(script: str, old: dict[str, Any], new: dict[str, Any]) -> Difference:
    before, after = (json.dumps(each["answer"], indent=1, sort_keys=True).splitlines() for each in (old, new))
    lines = list(difflib.unified_diff(before, after, "kubernetes", "lab", lineterm="", n=2))
    return Difference(f"{script}#{old['id']}", tuple(lines))


def _all_differ(script: Script, reason: str) -> list[Difference]:
    """A script that cannot be played to its end says nothing of the steps after."""
    return [Difference(f"{script.name}#{step.id}", (reason,)) for step in script.flat()]


async def _compare_all(scripts: list[Script]) -> list[Comparison]:
    """Those that have a recording; the others are named and left out."""
    recorded = [script for script in scripts if path_of(script.name).is_file()]
    for script in scripts:
        if script not in recorded:
            sys.stderr.write(f"{script.name} is not recorded\n")
    return [await compare(script) for script in recorded]


def _report(comparisons: list[Comparison]) -> str:
    known = known_differences()
    lines = []
    for difference in (each for comparison in comparisons for each in comparison.differences):
        asked = f"known: {known[difference.step]}" if difference.step in known else ""
        lines += [f"== {difference.step} {asked}", *difference.lines[:LINES]]
        if len(difference.lines) > LINES:
            lines.append(f"... {len(difference.lines) - LINES} more lines")
    rows = table(comparisons)
    lines += [f"{area:20} {equal:4} / {steps:4}  {100 * equal / steps:5.1f} %" for area, equal, steps in rows]
    return "\n".join(lines)


def main() -> None:
    """Compare the scripts that the arguments name, or all."""
    as_json = "--json" in sys.argv
    try:
        scripts = find_scripts([each for each in sys.argv[1:] if each != "--json"])
        comparisons = asyncio.run(_compare_all(scripts))
    except (ScriptError, OSError) as error:
        sys.exit(str(error))
    if as_json:
        found = {each.step: list(each.lines) for comparison in comparisons for each in comparison.differences}
        rows = {area: {"equal": equal, "steps": steps} for area, equal, steps in table(comparisons)}
        sys.stdout.write(json.dumps({"areas": rows, "differences": found}, indent=1) + "\n")
    else:
        sys.stdout.write(_report(comparisons) + "\n")


if __name__ == "__main__":
    main()
