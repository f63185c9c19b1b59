"""A file that one process at a time holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiops.core.errors import ConfigurationError
from aiops.core.file_lock import held


def test_a_file_is_held_once_and_free_again_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with held(path, "taken"), pytest.raises(ConfigurationError, match="taken"), held(path, "taken"):
        pass
    with held(path, "taken"):
        assert path.exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"), held(tmp_path / "none" / "lock", "taken"):
        pass
