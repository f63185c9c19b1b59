"""Whatever looks at a cluster, judges it or changes it does not know that there is a cluster for practice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aiops

ROOT = Path(aiops.__file__).parent
PARTS = ("tools", "agents", "analysis", "watch", "supervisor", "knowledge")
TELLING = {"lab", "labs", "embedded", "sandbox", "simulated", "simulator", "simulation", "hotel", "boutique"}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _files() -> list[Path]:
    return sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))


def _words(text: str) -> set[str]:
    """The words of a text or of a name in snake or camel case."""
    return {word.lower() for word in _WORD.findall(text)}


def _said(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name and every text that the code works with; docstrings explain, and decide nothing."""
    explaining = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining:
            yield line, node.value
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            if isinstance(name := getattr(node, field, None), str):
                yield line, name


def found(source: str) -> list[tuple[int, str]]:
    """(line, what is said there) wherever code speaks of a cluster for practice or of one of its applications."""
    return [(line, text) for line, text in _said(ast.parse(source)) if _words(text) & TELLING]


@pytest.mark.parametrize("part", PARTS)
def test_no_code_knows_a_cluster_for_practice(part: str) -> None:
    files = [path for path in _files() if path.relative_to(ROOT).parts[0] == part]
    assert files
    telling = {str(path.relative_to(ROOT)): found(path.read_text()) for path in files}
    assert {path: lines for path, lines in telling.items() if lines} == {}


@pytest.mark.parametrize(
    ("source", "telling"),
    [
        ("if url.endswith('lab'):\n    pass", True),
        ("is_lab = True", True),
        ("def f(inLab): ...", True),
        ("from aiops.lab.world import World", True),
        ("namespace == 'hotel'", True),
        ("x = f'{y} of the embedded cluster'", True),
        ("label, labels, available, elaborate = 1, 2, 3, 4", False),
        ('"""Costs simulated seconds."""', False),
    ],
)
def test_what_is_found(source: str, telling: bool) -> None:
    assert bool(found(source)) is telling
