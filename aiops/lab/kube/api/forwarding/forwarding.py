"""A WebSocket of `pods/portforward`, from the protocol that both ends know to the end of its last connection."""

from __future__ import annotations

import logging

from starlette.websockets import WebSocket

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.api.forwarding import channels, spdy, tunnel
from aiops.lab.kube.api.forwarding.conversation import Dial
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.objects import uid_of
from aiops.lab.ports import Listener

log = logging.getLogger(__name__)


def agreed(server: Server, socket: WebSocket) -> str:
    """The protocol to speak. Raises 400."""
    if server.runtime is None:
        raise errors.bad_request("port forwarding is not possible: no containers run here")
    offered = socket.scope.get("subprotocols") or []
    if tunnel.PROTOCOL in offered:
        return tunnel.PROTOCOL
    protocol = next((name for name in channels.PROTOCOLS if name in offered), "")
    if not protocol:
        known = [tunnel.PROTOCOL, *channels.PROTOCOLS]
        raise errors.bad_request(f"unable to upgrade: unsupported protocols {offered}, known are {known}")
    _ports(socket)
    return protocol


async def forward(server: Server, socket: WebSocket, pod: Manifest, protocol: str) -> None:
    """Serve until the client leaves, or no connection is left of those that it named."""
    dial = _dial(server, pod)
    if protocol == tunnel.PROTOCOL:
        await _tunnel(socket, tunnel.Tunnel(dial, uid_of(pod)))
    else:
        await _channels(socket, channels.Channels(_ports(socket), dial, uid_of(pod)))


async def _tunnel(socket: WebSocket, end: tunnel.Tunnel) -> None:
    try:
        while True:
            if back := end.receive(await socket.receive_bytes()):
                await socket.send_bytes(back)
    except (spdy.ProtocolError, KeyError) as error:  # starlette has no bytes of a message of text
        log.debug("port forwarding ends: %s", error)


async def _channels(socket: WebSocket, end: channels.Channels) -> None:
    for message in end.greeting():
        await socket.send_bytes(message)
    while not end.ended:
        for message in end.receive(await socket.receive_bytes()):
            await socket.send_bytes(message)


def _dial(server: Server, pod: Manifest) -> Dial:
    metadata, runtime = pod["metadata"], server.runtime

    def dial(port: int) -> Listener | None:
        return runtime.dial(metadata["namespace"], metadata["name"], port) if runtime is not None else None

    return dial


def _ports(socket: WebSocket) -> list[int]:
    """The ports that the query names. Raises 400."""
    words = [word for value in socket.query_params.getlist("ports") for word in value.split(",")]
    if not words:
        raise errors.bad_request('query parameter "ports" is required')
    wrong = next((word for word in words if not (word.isascii() and word.isdigit() and 0 < int(word) < 65536)), None)
    if wrong is not None:
        raise errors.bad_request(f'query parameter "ports" should be a valid port number: "{wrong}"')
    return [int(word) for word in words]
