from __future__ import annotations

from pathlib import Path

import pytest

from aiops.core.errors import InvalidInputError
from aiops.evals.loghub import grouping_accuracy, parsing_accuracy, read
from aiops.evals.running import run

ROWS = [
    ("1", "opened 7 files", "E1", "opened <*> files"),
    ("2", "opened 9 files", "E1", "opened <*> files"),
    ("3", "closed  door", "E2", "closed door"),
    ("4", "disk is full", "E3", "disk is <*>"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "Toy"
    inside.mkdir()
    lines = ["LineId,Content,EventId,EventTemplate", *(",".join(row) for row in ROWS)]
    (inside / "Toy_2k.log_structured_corrected.csv").write_text("\n".join(lines))
    return tmp_path


def test_a_group_counts_where_it_is_exactly_one_event() -> None:
    assert grouping_accuracy(["a", "a", "b", "b"], ["x", "x", "y", "z"]) == 0.5
    assert grouping_accuracy(["a", "b", "c", "c"], ["x", "x", "y", "y"]) == 0.5
    assert grouping_accuracy(["a", "a"], ["x", "x"]) == 1.0


def test_templates_are_compared_by_character() -> None:
    assert parsing_accuracy(["a <*>", "b  c"], ["a <*>", "b c"]) == 1.0
    assert parsing_accuracy(["a <*>", "b"], ["a<*>", "b"]) == 0.5


def test_the_evaluation_tells_figures_of_ours_and_of_others(folder: Path) -> None:
    result = run("loghub", folder)
    assert result["ours"]["grouping_accuracy"] == 1.0
    assert result["ours"]["parsing_accuracy"] == 0.75
    assert result["ours"]["systems"] == 1
    assert result["naive"]["parsing_accuracy"] == 0.75
    assert result["random"]["parsing_accuracy"] <= 1.0
    assert list(result["by_system"]) == ["Toy_2k"]
    assert result["data"]["files"] == 1


@pytest.mark.parametrize("text", ["", "LineId,Content\n1,x", "Content,EventId,EventTemplate\n"])
def test_a_file_of_another_form_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x_structured_corrected.csv"
    path.write_text(text)
    with pytest.raises(InvalidInputError, match="x_structured_corrected"):
        read(path)
