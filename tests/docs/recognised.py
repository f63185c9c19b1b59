"""What the assistant recognises, and by what, read from the code: `python -m tests.docs.recognised` writes the page.

A mechanism counts as recognised by a kind of observation where a check, rule or specialist of that kind names it.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import aiops
from aiops.agents.registry import SPECIALISTS
from aiops.agents.remedies.kit.registry import REMEDIES
from aiops.core.evidence import Source
from aiops.core.mechanism import Mechanism
from aiops.knowledge.parsing import parse

ROOT = Path(aiops.__path__[0])
PAGE = ROOT.parent / "docs" / "diagnosis.md"

OBJECTS, FIGURES, LOGS, CHANGES = "Objects", "Figures", "Logs", "Changes"
FOLDERS = {
    "analysis/state": OBJECTS,
    "analysis/behaviour": FIGURES,
    "analysis/logs": LOGS,
    "analysis/changes": CHANGES,
    **dict.fromkeys(
        (
            f"agents/specialists/support/{name}.py"
            for name in ("connection_table", "machine_trouble", "machines", "pod_calls", "signal_rules", "slow_calls")
        ),
        FIGURES,
    ),
    "agents/specialists/support": LOGS,
}
"""Where the rules of each kind of observation stand, the most exact place first; specialists say it themselves."""

BY_SOURCE = {
    Source.KUBERNETES: OBJECTS,
    Source.METRICS: FIGURES,
    Source.TRACES: FIGURES,
    Source.LOGS: LOGS,
    Source.CHANGES: CHANGES,
}

HEAD = """# What is recognised, and by what

Made from the code by `python -m tests.docs.recognised`; a test compares. A mechanism is one of the closed vocabulary
(`aiops/core/mechanism.py` says of each what is broken). *Objects*: a check of Kubernetes objects and events names it;
*figures*: one of metrics, calls or traces; *logs*: the wording of a line; *changes*: a recorded change of a field or an
object that could bring it about. *Cure*: "undo" is the change that the history knows, put back; "computed" is what the
assistant works out itself; where nothing stands, it says what is wrong and leaves the rest to people.

| Mechanism | Objects | Figures | Logs | Changes | Cure | Runbook |
| --- | --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    named: dict[str, set[Mechanism]] = {kind: set() for kind in (OBJECTS, FIGURES, LOGS, CHANGES)}
    for path in sorted({*ROOT.glob("analysis/**/*.py"), *ROOT.glob("agents/specialists/**/*.py")}):
        if (kind := _kind(path)) is not None:
            named[kind].update(_named(path))
    books = {mechanism: name for name, mechanisms in _runbooks() for mechanism in mechanisms}
    rows = []
    for mechanism in Mechanism:
        seen = ["yes" if mechanism in named[kind] else "" for kind in named]
        undo = "undo" if mechanism in named[CHANGES] else ""
        computed = "computed" if mechanism.value in REMEDIES.names() else ""
        cure = ", ".join(part for part in (undo, computed) if part)
        book = books.get(mechanism, "")
        rows.append(f"| `{mechanism}` | {' | '.join(seen)} | {cure} | {book} |")
    return HEAD + "\n".join(rows) + "\n"


def _runbooks() -> Iterator[tuple[str, tuple[Mechanism, ...]]]:
    for path in sorted((ROOT / "knowledge" / "runbooks").glob("*.md"), reverse=True):
        yield path.stem, parse(path.stem, path.read_text(), path.name).mechanisms


def _kind(path: Path) -> str | None:
    """What kind of observation the code of a file is about; None where it is about none alone."""
    inside = path.relative_to(ROOT).as_posix()
    found = next((kind for folder, kind in FOLDERS.items() if inside.startswith(folder)), None)
    if found is not None or not inside.startswith("agents/specialists/"):
        return found
    sources = {one.source for one in SPECIALISTS if Path(inspect.getfile(one.investigate)).resolve() == path.resolve()}
    return BY_SOURCE[sources.pop()] if len(sources) == 1 else None


def _named(path: Path) -> Iterator[Mechanism]:
    """The mechanisms that the code of a file names."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Mechanism":
            found = Mechanism.__members__.get(node.attr)
            if found is not None:
                yield found


if __name__ == "__main__":
    PAGE.write_text(page())
