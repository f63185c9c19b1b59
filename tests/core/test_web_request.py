"""Which web requests were meant for us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.web_request import LOOPBACK, is_for, is_own_origin


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:8080", "LOCALHOST"])
def test_our_names_are_served_on_any_port(host: str) -> None:
    assert is_for(LOOPBACK, [host])


@pytest.mark.parametrize(
    "hosts",
    [[], [""], ["["], ["evil.example"], ["127.0.0.1.evil.example"], ["127.0.0.1", "127.0.0.1"], ["a@evil.example"]],
)
def test_other_names_doubled_ones_and_none_are_not(hosts: list[str]) -> None:
    assert not is_for(LOOPBACK, hosts)


@pytest.mark.parametrize("origin", ["null", "file://", "http://[", "http://127.0.0.1:1", "ws://127.0.0.1:8080", ""])
def test_foreign_origins(origin: str) -> None:
    assert not is_own_origin(origin, "127.0.0.1:8080")
    assert is_own_origin("https://127.0.0.1:8080", "127.0.0.1:8080")


@given(st.text(), st.text())
def test_no_header_is_an_error(origin: str, host: str) -> None:
    is_own_origin(origin, host)
    if is_for(LOOPBACK, [host]):
        assert any(name in host.lower() for name in LOOPBACK)
