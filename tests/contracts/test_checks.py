"""What every check of objects and of behaviour has to keep to."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import aiops
from aiops.analysis.behaviour.registry import BEHAVIOURS, behaviour
from aiops.analysis.state.registry import CHECKS, check
from aiops.core.errors import DuplicateNameError

ROOT = Path(aiops.__path__[0])
FOLDERS = ("analysis/state/checks", "analysis/behaviour/checks")
PACKAGES = tuple("aiops." + folder.replace("/", ".") for folder in FOLDERS)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nobody_imports_a_check() -> None:
    """What a check and others need stands beside the checks, so that any of them may go."""
    importing = {
        f"{path.relative_to(ROOT)} imports {name}"
        for part in sorted(ROOT.iterdir())
        for path in (part.rglob("*.py") if part.is_dir() else ())
        for name in _imported(path)
        if any(name == package or name.startswith(f"{package}.") for package in PACKAGES)
    }
    assert importing == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_of_checks_registers_one_that_says_what_it_looks_for(folder: str) -> None:
    registered = [found.run for registry in (CHECKS, BEHAVIOURS) for found in registry]
    files = {path.resolve() for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"}
    assert files
    assert files == {here for run in registered if (here := Path(inspect.getfile(run)).resolve()).parent.match(folder)}
    assert all(run.__doc__ for run in registered)


def test_a_name_is_taken_once() -> None:
    with pytest.raises(DuplicateNameError, match="crash-loop"):
        check("crash-loop")(CHECKS.get("crash-loop").run)
    with pytest.raises(DuplicateNameError, match="deadlock"):
        behaviour("deadlock")(BEHAVIOURS.get("deadlock").run)
