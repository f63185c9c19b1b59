"""The part of docs/conformance.md that recordings make: `python -m tests.conformance.report` writes it again.

A step that known.yaml does not name is answered by the lab as by Kubernetes: test_recordings.py sees to that."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.conformance.compare import known_differences
from tests.conformance.recording import CALLS, Recording, load_recording
from tests.conformance.script import Script, find_scripts

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
BEGIN = "<!-- made by tests/conformance/report.py: begin -->"
END = "<!-- end -->"


def generated() -> str:
    """The part between the marks: versions, what is asked in each area, what the lab answers in another way and why."""
    scripts = find_scripts([])
    recordings = {script.name: load_recording(script.name) for script in scripts}
    versions = sorted({(each.kubernetes, each.kubectl) for each in recordings.values()})
    made = "; ".join(f"Kubernetes {kubernetes}, kubectl {kubectl}" for kubernetes, kubectl in versions)
    lines = [BEGIN, f"Recorded with {made}.", "", *_areas(scripts, recordings), "", *_differences(), END]
    return "\n".join(lines)


class _Row(NamedTuple):
    area: str
    scripts: int
    calls: int
    commands: int
    steps: int
    known: int

    def __str__(self) -> str:
        share = 100 * (self.steps - self.known) / self.steps
        return f"| {' | '.join(str(each) for each in self[:5])} | {share:.1f} % |"


def _areas(scripts: list[Script], recordings: dict[str, Recording]) -> list[str]:
    known = Counter(step.partition("/")[0] for step in known_differences())
    rows = []
    for area in sorted({script.area for script in scripts}):
        of_it = [recordings[script.name] for script in scripts if script.area == area]
        calls, commands = (sum(each.count(*kinds) for each in of_it) for kinds in (CALLS, ("kubectl",)))
        rows.append(_Row(area, len(of_it), calls, commands, sum(len(each.steps) for each in of_it), known[area]))
    columns = zip(*(row[1:] for row in rows), strict=True)
    total = _Row("all", *(sum(int(value) for value in column) for column in columns))
    lines = ["| area | scripts | API calls | kubectl commands | steps | answered alike |", "|---|---|---|---|---|---|"]
    return lines + [str(row) for row in (*rows, total)]


def _differences() -> list[str]:
    known = known_differences()
    if not known:
        return ["No difference is known."]
    rows = [f"| `{step}` | {reason} |" for step, reason in sorted(known.items())]
    return ["| step | why the lab answers in another way |", "|---|---|", *rows]


def replaced(page: str) -> str:
    """The page with the generated part made anew. Raises `ValueError` where the marks are missing."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{PAGE} has no part between {BEGIN} and {END}")
    return before + generated() + after


def main() -> None:
    """Write the page again."""
    PAGE.write_text(replaced(PAGE.read_text()))


if __name__ == "__main__":
    main()
