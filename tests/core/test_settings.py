"""Where settings come from, and what is said about wrong ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aiops.core.errors import ConfigurationError
from aiops.core.settings import load_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("AIOPS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_the_safe_ones() -> None:
    settings = load_settings()
    assert settings.read_only
    assert settings.autonomy == "approve"
    assert settings.host == "127.0.0.1"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "aiops.toml").write_text('port = 9000\nmax_rounds = 5\nnamespaces = ["a", "b"]\n')
    monkeypatch.setenv("AIOPS_PORT", "9001")
    settings = load_settings()
    assert (settings.port, settings.max_rounds, settings.namespaces) == (9001, 5, ("a", "b"))


def test_a_wrong_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIOPS_AUTONOMY", "yolo")
    with pytest.raises(ConfigurationError, match=r"autonomy \(AIOPS_AUTONOMY\).*'approve'"):
        load_settings()


def test_a_misspelt_key_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "aiops.toml").write_text("readonly = false\n")
    with pytest.raises(ConfigurationError, match="readonly"):
        load_settings()


def test_a_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIOPS_CONFIG", "nowhere.toml")
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        load_settings()


def test_tokens_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIOPS_TOKEN", "hush-hush")
    assert "hush-hush" not in repr(load_settings())
