"""Port forwarding by channels, as clients without SPDY do it."""

from __future__ import annotations

from aiops.lab.kube.api.forwarding.channels import Channels
from aiops.lab.ports import HttpReply, Listener

GET = b"GET / HTTP/1.0\r\n\r\n"


def dial(port: int) -> Listener | None:
    return Listener(lambda method, path: HttpReply(200, "OK", f"{port} {method} {path}")) if port < 1000 else None


def test_each_port_has_two_channels() -> None:
    end = Channels([80, 9999], dial, "uid")
    *opened, refused = end.greeting()
    assert opened == [b"\x00\x50\x00", b"\x01\x50\x00", b"\x02\x0f\x27", b"\x03\x0f\x27"]
    assert refused.startswith(b"\x03error forwarding port 9999 to pod uid")
    assert end.receive(b"") == end.receive(b"\x02" + GET) == end.receive(b"\x00") == []
    (back,) = end.receive(b"\x00" + GET)
    assert back.startswith(b"\x00HTTP/1.1 200 OK")
    assert back.endswith(b"80 GET /")
    assert end.ended
