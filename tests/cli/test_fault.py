"""`aiops fault inject`: which namespace is broken where nobody says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aiops.cli.fault import _main_namespace
from aiops.core.errors import ConfigurationError, InvalidInputError

STATE = {"addresses": {}, "namespace": "shop", "namespaces": ["shop"], "objective": 0.98}


def test_in_a_lab_it_is_that_of_the_application(tmp_path: Path) -> None:
    (tmp_path / "lab.json").write_text(json.dumps({**STATE, "clock_token": "t", "admin_token": "t"}))
    assert _main_namespace(tmp_path, None) == "shop"


def test_without_a_lab_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no lab known"):
        _main_namespace(tmp_path, None)


def test_in_another_cluster_it_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="--namespace: say which"):
        _main_namespace(tmp_path, tmp_path / "config")
