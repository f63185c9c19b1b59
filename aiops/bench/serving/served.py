"""An agent that comes over the network: it has a scenario until it submits."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from aiops.bench.agents.registry import Claim, Entry, Room
from aiops.bench.serving.app import serving_app
from aiops.bench.workbench import Workbench

HOST = "127.0.0.1"
NAME = "served"


def served(port: int) -> Entry:
    """The entry of whoever comes to this port of the loopback interface."""
    return Entry(NAME, "Whoever comes over HTTP or MCP.", "assistant", lambda room: Served(room, port))


class _Door(uvicorn.Server):
    """Leaves signals to who runs the benchmark."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class Served:
    """Opens the door when an alert came or somebody asks, and closes it after `submit`."""

    def __init__(self, room: Room, port: int) -> None:
        self._room = room
        self._port = port
        self._bench = Workbench(room)

    async def start(self) -> None:
        await self._bench.start()

    async def work(self) -> None:
        await self._room.called()
        listening = socket.create_server((HOST, self._port))
        server = _Door(uvicorn.Config(serving_app(self._bench), log_level="warning", lifespan="off"))
        running = asyncio.create_task(server.serve([listening]), name="door")
        try:
            await self._bench.submitted.wait()
        finally:
            server.should_exit = True
            await running
            listening.close()

    def claim(self) -> Claim:
        return self._bench.claim or Claim(fault=False, state="nothing was submitted", steps=self._bench.steps)

    async def stop(self) -> None:
        await self._bench.stop()
