"""`docs/diagnosis.md` lists what is recognised as the code has it, and nothing of the vocabulary is left out."""

from __future__ import annotations

from aiops.core.mechanism import Mechanism
from tests.docs.recognised import PAGE, page


def test_the_page_is_what_the_code_makes() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.docs.recognised"


NOT_YET = {"`data.corruption`", "`storage.io_error`", "`storage.slow`"}
"""What no check names: a runbook is all that there is."""


def test_every_mechanism_is_recognised_by_something() -> None:
    rows = [line.split("|") for line in page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(Mechanism)
    assert {row[1].strip() for row in rows if "yes" not in "".join(row[2:6])} <= NOT_YET
