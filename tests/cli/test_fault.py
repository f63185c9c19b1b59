"""`aiops fault inject`: which namespace is broken where nobody says it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from aiops.cli.fault_place import Place
from aiops.core.entity import Entity
from aiops.core.errors import ConfigurationError, InvalidInputError
from aiops.faults.journal import InjectionJournal
from tests.support import forked

STATE = {"addresses": {}, "namespace": "shop", "namespaces": ["shop"], "objective": 0.98}


def test_in_a_lab_it_is_that_of_the_application(tmp_path: Path) -> None:
    (tmp_path / "lab.json").write_text(json.dumps({**STATE, "clock_token": "t", "admin_token": "t"}))
    assert Place(tmp_path, None).main_namespace() == "shop"


def test_a_lab_has_a_prometheus_and_another_cluster_one_that_is_named(tmp_path: Path) -> None:
    addresses = {"prometheus": "http://127.0.0.1:9090"}
    state = {**STATE, "addresses": addresses, "clock_token": "t", "admin_token": "t"}
    (tmp_path / "lab.json").write_text(json.dumps(state))
    assert Place(tmp_path, None).prometheus() == addresses["prometheus"]
    assert Place(tmp_path, tmp_path / "config").prometheus() is None


def test_without_a_lab_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no lab known"):
        Place(tmp_path, None).main_namespace()


def test_in_another_cluster_it_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="--namespace: say which"):
        Place(tmp_path, tmp_path / "config").main_namespace()


def test_a_fault_is_shown(tmp_path: Path) -> None:
    shown = forked.run("fault", "show", "wrong_target_port", directory=tmp_path, environment=os.environ)
    assert "mechanism: config.target_port" in shown.out
    told = forked.run("fault", "show", "wrong_target_port", "--json", directory=tmp_path, environment=os.environ)
    assert json.loads(told.out)["cure"] == "change"
    unknown = forked.run("fault", "show", "wrong_port", directory=tmp_path, environment=os.environ)
    assert (unknown.code, "no fault named 'wrong_port'" in unknown.err) == (2, True)


def test_the_journal_tells_what_stands(tmp_path: Path) -> None:
    lines = InjectionJournal(tmp_path / "faults.jsonl")
    first = lines.begin("wrong_target_port")
    lines.intend(first, Entity(kind="Service", namespace="shop", name="web"), {})
    lines.reverted(first)
    lines.begin("slow_network")
    told = forked.run("fault", "journal", "--journal", "faults.jsonl", directory=tmp_path, environment=os.environ)
    assert told.out.splitlines() == [
        "wrong_target_port-1: taken back; Service/shop/web",
        "slow_network-2: stands; no object written",
    ]
    listed = forked.run(
        "fault", "journal", "--journal", "faults.jsonl", "--json", directory=tmp_path, environment=os.environ
    )
    assert [one["reverted"] for one in json.loads(listed.out)["injections"]] == [True, False]
