from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.lab.apps.building import complete_application
from aiops.lab.apps.data import application_names, read_data
from aiops.lab.apps.loader import load_application
from tests.lab.apps.test_shorthand import SHOP


@pytest.fixture
def data() -> dict[str, Any]:
    return copy.deepcopy(read_data("hotel"))


def test_applications_are_listed_without_the_shared_parts() -> None:
    assert application_names() == ["boutique", "hotel", "social", "ticket", "training"]


def test_an_unknown_application_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="hotel"):
        load_application("hotl")


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(json.dumps({**SHOP, "rate": 12}))
    assert load_application(str(path)).rate == 12
    path.write_text("rate: [1, 2")
    with pytest.raises(InvalidInputError, match=r"shop\.yaml: line \d: did not find"):
        load_application(str(path))
    with pytest.raises(InvalidInputError, match=r"none\.yaml: cannot be read: .*No such file"):
        load_application(str(tmp_path / "none.yaml"))


def test_a_misspelt_field_is_named_with_its_place(data: dict[str, Any]) -> None:
    data["programs"]["geo"]["routes"]["GET /nearby"]["cpu_msec"] = 1
    with pytest.raises(InvalidInputError, match=r"x\.yaml: programs\.geo\.routes\.GET /nearby\.cpu_msec"):
        complete_application(data, "x.yaml")


def test_a_version_that_was_never_built_is_refused(data: dict[str, Any]) -> None:
    data["workloads"]["geo"]["version"] = "9.9.9"
    with pytest.raises(InvalidInputError, match=r"workloads\.geo\.version: geo has no version '9.9.9'"):
        complete_application(data, "x.yaml")


def test_an_address_that_is_not_given_is_named(data: dict[str, Any]) -> None:
    del data["workloads"]["search"]["env"]["GEO_ADDR"]
    with pytest.raises(InvalidInputError, match=r"workloads\.search\.env: no value for GEO_ADDR"):
        complete_application(data, "x.yaml")


def test_an_unknown_secret_is_named(data: dict[str, Any]) -> None:
    del data["secrets"]["mongodb-geo-credentials"]
    with pytest.raises(InvalidInputError, match="no secret named mongodb-geo-credentials"):
        complete_application(data, "x.yaml")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("workloads", "geo", "program"), "gone", "no program named 'gone'"),
        (("entry",), "gone", "no workload named 'gone'"),
        (("rate",), -1, "greater than 0"),
        (("tls", "secret"), "gone", "no certificate named 'gone'"),
        (("tls", "secrets", "hotel-tls-2025", "to_day"), -999, "hotel-tls-2025: ends before it begins"),
        (("tls", "secrets", "hotel-tls-2025", "hosts"), [], "at least 1 item"),
        (("programs", "rate", "reads"), [{"resource": "tariffs"}], "no resource 'tariffs' in API group ''"),
    ],
)
def test_what_does_not_fit_is_refused(data: dict[str, Any], path: tuple[str, ...], value: object, message: str) -> None:
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(InvalidInputError, match=message):
        complete_application(data, "x.yaml")


def test_shares_must_sum_to_one(data: dict[str, Any]) -> None:
    data["operations"] = data["operations"][:-1]
    with pytest.raises(InvalidInputError, match="sum to 1"):
        complete_application(data, "x.yaml")
