"""Bodies in protobuf: kinds, inline messages, numbers, choices; hostile bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube.encoding.protobuf import MAGIC, decode_object
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.schema.types import typed


def _number(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _bytes(number: int, value: bytes) -> bytes:
    return _number(number << 3 | 2) + _number(len(value)) + value


def _object(version: bytes, kind: bytes, body: bytes) -> bytes:
    return MAGIC + _bytes(1, _bytes(1, version) + _bytes(2, kind)) + _bytes(2, body)


@given(st.dictionaries(st.text("ab", min_size=1), st.text(), max_size=4), st.text(max_size=5))
def test_a_config_map(data: dict[str, str], name: str) -> None:
    body = _bytes(1, _bytes(1, name.encode()) + _bytes(8, b""))
    for key, value in data.items():
        body += _bytes(2, _bytes(1, key.encode()) + _bytes(2, value.encode()))
    expected: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name} if name else {}}
    expected |= {"data": data} if data else {}
    assert typed(decode_object(_object(b"v1", b"ConfigMap", body))) == expected


def test_numbers_and_choices() -> None:
    port = _number(3 << 3) + _number(80) + _bytes(4, _number(1 << 3) + _number(1) + _bytes(3, b"http"))
    spec = _bytes(1, port) + _bytes(2, _bytes(1, b"app") + _bytes(2, b"web"))
    decoded = decode_object(_object(b"v1", b"Service", _bytes(2, spec)))
    assert decoded["spec"] == {"ports": [{"port": 80, "targetPort": "http"}], "selector": {"app": "web"}}


def test_an_inline_message_stands_in_its_parents_object() -> None:
    volume = _bytes(1, b"tmp") + _bytes(2, _bytes(2, _bytes(1, b"Memory")))
    decoded = decode_object(_object(b"v1", b"Pod", _bytes(2, _bytes(1, volume))))
    assert decoded["spec"]["volumes"] == [{"name": "tmp", "emptyDir": {"medium": "Memory"}}]


def test_a_list_in_a_map_is_a_message_of_its_own() -> None:
    extra = _bytes(1, b"scopes") + _bytes(2, _bytes(1, b"a") + _bytes(1, b"b"))
    body = _bytes(2, _bytes(5, extra))
    decoded = decode_object(_object(b"authorization.k8s.io/v1", b"SubjectAccessReview", body))
    assert decoded["spec"]["extra"] == {"scopes": ["a", "b"]}


def test_what_is_not_known_is_left_out() -> None:
    assert decode_object(_object(b"v1", b"Nope", _bytes(1, b"x"))) == {"apiVersion": "v1", "kind": "Nope"}
    assert "metadata" not in decode_object(_object(b"v1", b"ConfigMap", _bytes(99, b"x")))


@pytest.mark.parametrize("content", [b"{}", MAGIC + b"\x0a\xff\xff", _object(b"v1", b"ConfigMap", _bytes(1, b"\xff"))])
def test_what_cannot_be_read(content: bytes) -> None:
    with pytest.raises(ApiError) as refused:
        decode_object(content)
    assert refused.value.status == 400


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        decode_object(_object(b"apps/v1", b"Deployment", content))
    except ApiError as error:
        assert error.status == 400  # noqa: PT017 - reading it is right too
