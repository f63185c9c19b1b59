"""Where a running server says it is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from aiops.core.errors import ConfigurationError
from aiops.core.server_address import ServerAddress
from aiops.core.settings import Settings
from aiops.server.address import FILE, announce, choose_token, find


def test_the_address_is_found_again_and_private(tmp_path: Path) -> None:
    for port in (1, 2):
        path = announce(tmp_path / "state", ServerAddress(url=f"http://127.0.0.1:{port}", token="t"))
    assert find(tmp_path / "state").url == "http://127.0.0.1:2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "token" not in repr(find(tmp_path / "state"))
    assert [p.name for p in path.parent.iterdir()] == [FILE]


def test_no_server_and_a_broken_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="aiops serve"):
        find(tmp_path)
    (tmp_path / FILE).write_text("{")
    with pytest.raises(ConfigurationError, match=FILE):
        find(tmp_path)


def test_each_start_has_its_own_token_unless_one_is_set() -> None:
    assert choose_token(Settings()) != choose_token(Settings())
    assert choose_token(Settings.model_validate({"token": "mine"})) == "mine"
