"""Port forwarding by channels of a WebSocket: for the port at place i, 2i carries its data and 2i + 1 its error.

Each channel begins with the number of its port, two bytes with the lower one first, and each port is one connection.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiops.lab.kube.api.forwarding.conversation import Conversation, Dial, refusal

PROTOCOLS = ("portforward.k8s.io", "v4.channel.k8s.io")


class Channels:
    """The server's end of one WebSocket."""

    def __init__(self, ports: Sequence[int], dial: Dial, pod: str) -> None:
        self._ports = ports
        self._pod = pod
        self._dial = dial
        self._talks: dict[int, Conversation] = {}

    def greeting(self) -> list[bytes]:
        """The messages that open the channels."""
        sent = []
        for place, port in enumerate(self._ports):
            sent += [bytes([channel]) + port.to_bytes(2, "little") for channel in (2 * place, 2 * place + 1)]
            listener = self._dial(port)
            if listener is None:
                sent.append(bytes([2 * place + 1]) + refusal(port, self._pod).encode())
            else:
                self._talks[2 * place] = Conversation(listener)
        return sent

    def receive(self, message: bytes) -> list[bytes]:
        """The messages that answer one; what comes on no channel for data is for nobody."""
        talk = self._talks.get(message[0]) if message else None
        if talk is None or len(message) == 1:
            return []
        back = talk.send(message[1:])
        return [message[:1] + back] if back else []

    @property
    def ended(self) -> bool:
        """Every connection has been closed by its process."""
        return all(talk.ended for talk in self._talks.values())
