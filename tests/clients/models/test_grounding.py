"""Names and numbers that a model was not shown are found in what it says."""

from __future__ import annotations

import pytest

from aiops.clients.models.grounding import foreign_names, foreign_numbers

SHOWN = "Deployment/hotel/geo listens on 8083, 12.5 % of requests fail; pod geo-7d9f-x2"


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Deployment/hotel/geo is broken.", []),
        ("Pod/hotel/geo-7d9f-x2 fails.", []),
        ("Deployment/hotel/billing is broken.", ["billing"]),
        ("Deployment/kube-system/geo is broken.", ["kube-system"]),
        ("Node//geo.", []),
        ("`geo` and `rm -rf`", ["rm -rf"]),
        ("CPU and/or memory, 5 of them", []),
    ],
)
def test_names(text: str, foreign: list[str]) -> None:
    assert foreign_names(text, SHOWN) == foreign


@pytest.mark.parametrize(
    ("text", "foreign"),
    [("port 8083, 12.5 %", []), ("3 of 4 pods", []), ("port 9999", ["9999"]), ("12.7 %", ["12.7"]), ("808", ["808"])],
)
def test_numbers(text: str, foreign: list[str]) -> None:
    assert foreign_numbers(text, SHOWN) == foreign


def test_a_long_text_takes_time_in_proportion_to_its_length() -> None:
    for piece in ("a", "a/", "`", "1.", "a/b/"):
        foreign_names(piece * 200_000, SHOWN)
        foreign_numbers(piece * 200_000, SHOWN)
