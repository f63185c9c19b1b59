"""Nobody but the owner reads the state of the assistant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aiops.core.errors import ConfigurationError
from aiops.core.private_file import private_file, private_folder, write_private


def test_a_new_folder_is_closed(tmp_path: Path) -> None:
    assert private_folder(tmp_path / "a" / "state").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_folder(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_file_that_others_could_read_is_closed_and_keeps_its_text(tmp_path: Path) -> None:
    path = tmp_path / "state" / "changes.db"
    assert private_file(path).stat().st_mode & 0o777 == 0o600
    path.write_text("kept")
    path.chmod(0o644)
    assert private_file(path).read_text() == "kept"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(ConfigurationError, match=r"state cannot be used"):
        private_folder(tmp_path / "state")


def test_the_text_replaces_the_file_and_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("old")
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["token"]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no/token cannot be written"):
        write_private(tmp_path / "no" / "token", "x")


def test_a_link_in_the_way_is_not_written_through(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("not ours")
    (tmp_path / f"token.{os.getpid()}").symlink_to(other)
    write_private(tmp_path / "token", "secret")
    assert other.read_text() == "not ours"
    assert (tmp_path / "token").read_text() == "secret"
