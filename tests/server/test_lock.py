"""The lock of a state folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiops.core.errors import ConfigurationError
from aiops.server.lock import only_one


def test_a_second_server_is_refused_and_one_after_it_is_not(tmp_path: Path) -> None:
    second = only_one(tmp_path / "state")
    with only_one(tmp_path / "state"), pytest.raises(ConfigurationError, match="another assistant runs"), second:
        pass
    with only_one(tmp_path / "state"):
        pass


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be used"), only_one(tmp_path / "file" / "state"):
        pass
