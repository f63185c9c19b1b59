"""A signature holds for one body, one time and one secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.notifiers.signature import sign, verify
from aiops.core.errors import InvalidInputError

SECRET = "0123456789abcdef"
NOW = 1_700_000_000
DOCS = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"


def _headers(body: bytes, timestamp: int = NOW, secret: str = SECRET) -> dict[str, str]:
    return {"Aiops-Timestamp": str(timestamp), "Aiops-Signature": sign(secret, timestamp, body)}


def test_the_scheme_is_the_documented_one() -> None:
    # printf '1700000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
    digest = sign(SECRET, NOW, b"{}")
    assert re.fullmatch(r"sha256=[0-9a-f]{64}", digest)
    verify(SECRET, {name.upper(): value for name, value in _headers(b"{}").items()}, b"{}", NOW + 299)


@given(st.binary(max_size=50), st.binary(max_size=50), st.integers(0, 2**40), st.integers(0, 2**40))
def test_another_body_or_time_does_not_fit(body: bytes, other: bytes, one: int, two: int) -> None:
    headers = _headers(body, one) | {"Aiops-Timestamp": str(two)}
    if (body, one) == (other, two):
        return
    if len(str(two)) <= 12 and (str(one).encode() + b"." + body) != (str(two).encode() + b"." + other):
        with pytest.raises(InvalidInputError, match="Aiops-Signature"):
            verify(SECRET, headers, other, two)


@pytest.mark.parametrize(
    ("headers", "now", "told"),
    [
        ({}, NOW, "Aiops-Timestamp"),
        ({"Aiops-Timestamp": "٣"}, NOW, "Aiops-Timestamp"),
        ({"Aiops-Timestamp": "9" * 5000}, NOW, "Aiops-Timestamp"),
        ({"Aiops-Timestamp": str(NOW)}, NOW, "Aiops-Signature"),
        ({**_headers(b"x"), "Aiops-Signature": "sha256=\u00e9"}, NOW, "Aiops-Signature"),
        (_headers(b"x", secret="another secret!!"), NOW, "Aiops-Signature"),
        (_headers(b"x"), NOW + 301, "more than 300 s away"),
        (_headers(b"x"), NOW - 301, "more than 300 s away"),
    ],
)
def test_what_is_not_ours_or_old_is_refused(headers: dict[str, str], now: float, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        verify(SECRET, headers, b"x", now)


def test_the_documented_example_tells_right_from_wrong() -> None:
    code = re.search(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert code is not None
    scope: dict[str, object] = {}
    exec(code.group(1), scope)
    genuine = scope["genuine"]
    assert callable(genuine)
    assert genuine(_headers(b"x"), b"x", SECRET, NOW)
    assert not genuine(_headers(b"x"), b"y", SECRET, NOW)
    assert not genuine(_headers(b"x"), b"x", SECRET, NOW + 301)
    assert not genuine({}, b"x", SECRET, NOW)
