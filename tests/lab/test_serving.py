"""Applications on ports of their own."""

from __future__ import annotations

import asyncio
import socket

import httpx2
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from aiops.lab.serving import Served

APP = Starlette(routes=[Route("/", lambda request: PlainTextResponse("hello"))])


async def test_an_application_answers_while_its_context_is_open():
    async with Served(APP) as address, httpx2.AsyncClient(trust_env=False) as client:
        assert (await client.get(address)).text == "hello"
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as gone:
        assert gone.connect_ex((host, int(port))) != 0


async def test_answers_are_sent_at_once():
    """Without TCP_NODELAY the body of an answer waits for the receipt of its head, which the other side delays."""
    served = Served(APP)
    async with served as address:
        host, _, port = address.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        while not served._server.server_state.connections:
            await asyncio.sleep(0)
        (connection,) = served._server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
