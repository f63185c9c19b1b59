"""Every evaluation says which data it read, and where they are when it has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.evals.registry import EVALUATIONS
from aiops.evals.running import run, version


@pytest.mark.parametrize("name", EVALUATIONS.names())
def test_a_folder_without_the_data_is_refused_with_where_to_get_them(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        run(name, tmp_path)
    assert EVALUATIONS.get(name).published_at in str(caught.value)
    assert EVALUATIONS.get(name).summary


def test_an_unknown_evaluation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no evaluation named"):
        run("no-such-set", tmp_path)


def test_the_version_follows_names_and_contents(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")
    first = version(tmp_path, [one, two])
    assert version(tmp_path, [one, two]) == first
    assert version(tmp_path, [one]) != first
    two.write_text("c")
    assert version(tmp_path, [one, two]) != first
