"""Frames of SPDY, as they are cut and put together again."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.api.forwarding import spdy
from aiops.lab.kube.api.forwarding.dictionary import DICTIONARY
from aiops.lab.kube.api.forwarding.tunnel import Tunnel
from aiops.lab.ports import Listener

HEADERS = st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=5)


def syn_stream(number: int, headers: dict[str, str], deflate: zlib._Compress) -> bytes:
    """A client's frame that opens a stream."""
    words = [word.encode() for pair in headers.items() for word in pair]
    plain = len(headers).to_bytes(4) + b"".join(len(word).to_bytes(4) + word for word in words)
    block = deflate.compress(plain) + deflate.flush(zlib.Z_SYNC_FLUSH)
    content = number.to_bytes(4) + bytes(6) + block
    return b"\x80\x03\x00\x01\x00" + len(content).to_bytes(3) + content


def test_the_dictionary_is_that_of_the_draft() -> None:
    assert len(DICTIONARY) == 1423
    assert f"{zlib.adler32(DICTIONARY):08x}" == "e3c6a7c2"


@given(opened=st.lists(HEADERS, max_size=4), size=st.integers(1, 50))
def test_streams_arrive_in_whatever_pieces(opened: list[dict[str, str]], size: int) -> None:
    deflate = zlib.compressobj(zdict=DICTIONARY)
    sent = b"".join(syn_stream(2 * i + 1, headers, deflate) for i, headers in enumerate(opened))
    reader = spdy.Reader()
    pieces = [sent[start : start + size] for start in range(0, len(sent), size)]
    frames = [frame for piece in pieces for frame in reader.frames(piece)]
    assert [(frame.stream, frame.headers) for frame in frames] == [(2 * i + 1, h) for i, h in enumerate(opened)]


@given(content=st.binary(max_size=3000), last=st.booleans())
def test_data_comes_back_as_it_went(content: bytes, last: bool) -> None:
    (frame,) = spdy.Reader().frames(spdy.Writer().data(7, content, last=last))
    assert (frame.kind, frame.stream, frame.content, frame.last) == (spdy.DATA, 7, content, last)


@given(garbage=st.binary(min_size=8, max_size=200))
def test_garbage_is_refused_or_ignored(garbage: bytes) -> None:
    try:
        back = Tunnel(lambda _: Listener(), "pod").receive(garbage)
    except spdy.ProtocolError:
        return
    assert not back or back.startswith(b"\x80\x03")  # control frames alone: no stream is there that data could be of


@pytest.mark.parametrize(
    "headers",
    [{"streamtype": "data", "port": "²"}, {"streamtype": "data"}, {"streamtype": "other", "port": "80"}, {}],
)
def test_a_stream_for_something_else_ends_the_connection(headers: dict[str, str]) -> None:
    with pytest.raises(spdy.ProtocolError):
        Tunnel(lambda _: Listener(), "pod").receive(syn_stream(1, headers, zlib.compressobj(zdict=DICTIONARY)))


def test_a_ping_is_answered() -> None:
    ping = b"\x80\x03\x00\x06\x00\x00\x00\x04\x00\x00\x00\x09"
    assert Tunnel(lambda _: Listener(), "pod").receive(ping) == ping
