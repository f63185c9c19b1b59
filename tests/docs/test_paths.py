"""Files that the pages name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BASES = (ROOT, ROOT / "aiops", ROOT / "aiops/lab")
PATH = re.compile(r"`([\w-]+(?:/[\w.-]+)*/[\w-]+\.(?:py|md|json|yaml))`")


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.name)
def test_named_files_are_there(page: Path) -> None:
    missing = [path for path in PATH.findall(page.read_text()) if not any((base / path).exists() for base in BASES)]
    assert missing == []
