"""Certificates that are issued anew."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.faults.kit.certificates import certificate_in, issued
from tests.faults.test_certificate_truth import secret

LIKE = certificate_in(secret("web-tls", "shop.example.com", 30))


def held(serial: int, *names: str) -> Any:
    assert LIKE is not None
    data = issued(LIKE, names, serial)
    return data, certificate_in({"type": "kubernetes.io/tls", "data": data})


@given(st.integers(1, 2**60))
def test_it_is_valid_as_long_as_the_other_and_for_the_names(serial: int) -> None:
    _, made = held(serial, "staging.example.com", "*.example.org")
    assert LIKE is not None
    assert made.not_valid_after_utc == LIKE.not_valid_after_utc
    assert made.serial_number == serial
    assert "staging.example.com" in made.subject.rfc4514_string()


def test_equal_numbers_give_equal_keys_and_others_do_not() -> None:
    assert held(5, "a.example.com")[0] == held(5, "a.example.com")[0]
    assert held(5, "a.example.com")[0]["tls.key"] != held(6, "a.example.com")[0]["tls.key"]


def test_what_is_no_certificate_is_none() -> None:
    assert certificate_in({"type": "Opaque", "data": {}}) is None
    assert certificate_in({"type": "kubernetes.io/tls", "data": {"tls.crt": "bm8="}}) is None
    assert certificate_in({"type": "kubernetes.io/tls"}) is None
