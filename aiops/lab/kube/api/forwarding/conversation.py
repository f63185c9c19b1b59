"""One TCP connection to a port of a pod: what is sent is read as HTTP/1.1 and answered by the process that listens."""

from __future__ import annotations

from collections.abc import Callable

import h11

from aiops.lab.ports import Listener

Dial = Callable[[int], Listener | None]
"""What listens on a port of the pod; None where nothing does."""

LARGEST_HEAD = 64 * 1024


class Conversation:
    """`ended` once the process has closed the connection."""

    def __init__(self, listener: Listener) -> None:
        self.ended = False
        self._listener = listener
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
        self._request: h11.Request | None = None

    def send(self, data: bytes) -> bytes:
        """What comes back at once; `data` is empty where the client sends nothing more."""
        if self.ended:
            return b""
        if self._listener.answer is None:
            self.ended = True  # whatever it speaks, it makes nothing of this
            return b""
        try:
            self._http.receive_data(data)
            return b"".join(iter(self._step, None))
        except h11.RemoteProtocolError as error:
            self.ended = True
            return f"HTTP/1.1 {error.error_status_hint} Bad Request\r\nConnection: close\r\n\r\n".encode()

    def _step(self) -> bytes | None:
        """Take the next part of what was sent; None where more is needed."""
        event = self._http.next_event()
        if isinstance(event, h11.Request):
            self._request = event
            if self._http.they_are_waiting_for_100_continue:
                return self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
        elif isinstance(event, h11.EndOfMessage):
            return self._answered()
        elif isinstance(event, h11.ConnectionClosed):
            self.ended = True
            return None
        elif event in (h11.NEED_DATA, h11.PAUSED):
            return None
        return b""

    def _answered(self) -> bytes:
        if self._request is None or self._listener.answer is None:
            return b""
        method = self._request.method.decode()
        reply = self._listener.answer(method, self._request.target.decode().partition("?")[0])
        body = reply.body.encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        parts = [h11.Response(status_code=reply.status, headers=headers, reason=reply.reason.encode())]
        sent = b"".join(self._http.send(part) or b"" for part in parts)
        sent += self._http.send(h11.Data(data=body)) or b"" if method != "HEAD" else b""
        sent += self._http.send(h11.EndOfMessage()) or b""
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        else:
            self.ended = True
        return sent


def refusal(port: int, pod: str) -> str:
    """What the container runtime says where nothing listens."""
    where = f"error forwarding port {port} to pod {pod}, uid : failed to execute portforward in network namespace"
    return f"{where}: failed to connect to localhost:{port}: dial tcp4 127.0.0.1:{port}: connect: connection refused"
