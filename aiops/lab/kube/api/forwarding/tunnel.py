"""Port forwarding by SPDY inside a WebSocket: a pair of streams, `data` and `error`, for each connection."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.lab.kube.api.forwarding import spdy
from aiops.lab.kube.api.forwarding.conversation import Conversation, Dial, refusal

PROTOCOL = "SPDY/3.1+portforward.k8s.io"

MOST_STREAMS = 1000
"""Open at once; a client that opens more is no client."""


@dataclass(slots=True)
class _Connection:
    """One forwarded connection; `data` and `error` are the numbers of its streams, 0 until they are there."""

    port: int
    data: int = 0
    error: int = 0
    talk: Conversation | None = None


class Tunnel:
    """The server's end of one WebSocket. `pod` is how the runtime names the pod in its messages."""

    def __init__(self, dial: Dial, pod: str) -> None:
        self._dial = dial
        self._pod = pod
        self._reader, self._writer = spdy.Reader(), spdy.Writer()
        self._streams: dict[int, _Connection] = {}
        self._requests: dict[str, _Connection] = {}

    def receive(self, data: bytes) -> bytes:
        """What is to be sent back. Raises ProtocolError."""
        return b"".join(self._answer(frame) for frame in self._reader.frames(data))

    def _answer(self, frame: spdy.Frame) -> bytes:
        if frame.kind == spdy.SYN_STREAM:
            return self._open(frame)
        if frame.kind == spdy.PING:
            return self._writer.ping(frame)
        connection = self._streams.get(frame.stream)
        if connection is None:
            return b""
        if frame.kind == spdy.RST_STREAM:
            self._streams.pop(frame.stream)
        elif frame.kind == spdy.DATA and frame.stream == connection.data:
            return self._talk(connection, frame)
        return b""

    def _open(self, frame: spdy.Frame) -> bytes:
        """A new stream; with the second one of a pair the connection is made."""
        headers = frame.headers
        kind, port = headers.get("streamtype"), headers.get("port", "")
        if kind not in ("data", "error") or not port.isascii() or not port.isdigit():
            raise spdy.ProtocolError(f"a stream of type {kind} to port {port}")
        if len(self._streams) >= MOST_STREAMS:
            raise spdy.ProtocolError("too many streams")
        request = headers.get("requestid", "")
        connection = self._requests.setdefault(request, _Connection(int(port)))
        self._streams[frame.stream] = connection
        setattr(connection, kind, frame.stream)
        sent = self._writer.reply(frame.stream)
        if not (connection.data and connection.error):
            return sent
        del self._requests[request]
        listener = self._dial(connection.port)
        if listener is not None:
            connection.talk = Conversation(listener)
            return sent
        why = refusal(connection.port, self._pod).encode()
        return sent + self._writer.data(connection.error, why, last=True) + self._end(connection, said=True)

    def _talk(self, connection: _Connection, frame: spdy.Frame) -> bytes:
        if connection.talk is None:
            return b""
        back = connection.talk.send(frame.content) if frame.content else b""
        if frame.last:
            back += connection.talk.send(b"")
        sent = self._writer.data(connection.data, back) if back else b""
        return sent + self._end(connection) if connection.talk.ended or frame.last else sent

    def _end(self, connection: _Connection, *, said: bool = False) -> bytes:
        """End both streams; `said` where that of errors has ended already."""
        for stream in (connection.data, connection.error):
            self._streams.pop(stream, None)
        connection.talk = None
        ended = b"" if said else self._writer.data(connection.error, last=True)
        return self._writer.data(connection.data, last=True) + ended
