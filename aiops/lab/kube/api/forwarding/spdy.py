"""Frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00, sections 2.2 and 2.6), as far as port forwarding needs them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aiops.lab.kube.api.forwarding.dictionary import DICTIONARY

SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY = 1, 2, 3, 6, 7
DATA = 0
"""The type that stands here for a frame of data, which has none."""

FIN = 0x01
LARGEST = 1 << 20
"""Bytes of one frame; no client sends near as many at once."""

_VERSION = 3
_CONTROL = 0x8000
_STREAM = 0x7FFF_FFFF
_HEAD = 8


class ProtocolError(Exception):
    """What came is no SPDY/3.1."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`stream` is 0 where the frame is about the connection. `headers` of a new stream have lower-case names."""

    kind: int
    stream: int
    flags: int = 0
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def last(self) -> bool:
        """Nothing more comes on the stream from its sender."""
        return bool(self.flags & FIN)


class Reader:
    """Frames out of bytes as they arrive."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)

    def frames(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now. Raises ProtocolError."""
        self._bytes += data
        while len(self._bytes) >= _HEAD:
            size = int.from_bytes(self._bytes[5:_HEAD])
            if size > LARGEST:
                raise ProtocolError(f"a frame of {size} bytes")
            if len(self._bytes) < _HEAD + size:
                return
            head, content = bytes(self._bytes[:_HEAD]), bytes(self._bytes[_HEAD : _HEAD + size])
            del self._bytes[: _HEAD + size]
            yield self._frame(head, content)

    def _frame(self, head: bytes, content: bytes) -> Frame:
        first = int.from_bytes(head[:2])
        if not first & _CONTROL:
            return Frame(DATA, int.from_bytes(head[:4]), head[4], content)
        if first != _CONTROL | _VERSION:
            raise ProtocolError(f"version {first & ~_CONTROL}")
        kind = int.from_bytes(head[2:4])
        stream = int.from_bytes(content[:4]) & _STREAM if kind != GOAWAY else 0
        headers = self._headers(content[10:]) if kind == SYN_STREAM else {}
        return Frame(kind, stream, head[4], content, headers)

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            plain = self._inflate.decompress(block, LARGEST)
        except zlib.error as error:
            raise ProtocolError(f"headers: {error}") from error
        place, words = 4, []
        for _ in range(2 * min(int.from_bytes(plain[:4]), len(plain))):
            size = int.from_bytes(plain[place : place + 4])
            if place + 4 + size > len(plain):
                raise ProtocolError("headers are cut off")
            words.append(plain[place + 4 : place + 4 + size].decode("utf-8", "replace"))
            place += 4 + size
        return dict(zip(words[::2], words[1::2], strict=True))


class Writer:
    """Bytes of frames."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(zdict=DICTIONARY)

    def reply(self, stream: int) -> bytes:
        """A stream is accepted; with no headers."""
        block = self._deflate.compress(bytes(4)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _control(SYN_REPLY, stream.to_bytes(4) + block)

    def ping(self, frame: Frame) -> bytes:
        """The answer to a ping is the ping."""
        return _control(PING, frame.content)

    def data(self, stream: int, content: bytes = b"", *, last: bool = False) -> bytes:
        """Data in as many frames as it needs; `last` ends the stream."""
        pieces = [content[start : start + LARGEST] for start in range(0, len(content), LARGEST)] or [b""]
        flags = [0] * (len(pieces) - 1) + [FIN if last else 0]
        return b"".join(
            stream.to_bytes(4) + bytes([flag]) + len(piece).to_bytes(3) + piece
            for piece, flag in zip(pieces, flags, strict=True)
        )


def _control(kind: int, content: bytes) -> bytes:
    return (_CONTROL | _VERSION).to_bytes(2) + kind.to_bytes(2) + b"\x00" + len(content).to_bytes(3) + content
