"""Lines as they are written, over a WebSocket: Loki's `tail`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from aiops.core.errors import InvalidInputError
from aiops.lab.loki.encoding import streams_list
from aiops.lab.loki.engine import LogEngine, Streams
from aiops.lab.loki.logql.ast import LogQuery
from aiops.lab.loki.logql.parser import parse
from aiops.lab.loki.parameters import MOST_ENTRIES, Parameters
from aiops.lab.loki.source import LogSource

_LOOK = 0.2
"""Wall seconds between two looks at what is new."""

_MOST_DELAY = 5.0
"""Seconds by which a client may have lines held back, so that slow collectors can catch up."""

_SINCE = 3600.0


class Tail:
    """Follows the lines of a source; `now` gives the present moment in unix seconds."""

    def __init__(self, source: LogSource, now: Callable[[], float]) -> None:
        self._engine = LogEngine(source)
        self._now = now

    async def handle(self, socket: WebSocket) -> None:
        """Send the newest lines since `start`, at most `limit`, then each line that comes, until the client goes."""
        asked = Parameters(tuple(socket.query_params.multi_items()), self._now())
        try:
            query, delay = _log_query(asked), _delay(asked)
            start, limit = asked.time("start", asked.now - _SINCE), asked.limit()
        except InvalidInputError as error:
            await socket.send_denial_response(PlainTextResponse(f"{error}\n", 400))
            return
        await socket.accept()
        told = max(start, self._now() - delay)
        first = self._engine.lines(query, start, told, limit, backward=True) if start < told else Streams()
        going = asyncio.ensure_future(socket.receive())
        try:
            await _send(socket, _oldest_first(first))
            while not await _gone(going):
                until = self._now() - delay
                if until > told:
                    new = self._engine.lines(query, told, until, MOST_ENTRIES, backward=False)
                    told = until
                    await _send(socket, new)
        except WebSocketDisconnect:
            return
        finally:
            going.cancel()


def _log_query(asked: Parameters) -> LogQuery:
    query = parse(asked.query())
    if not isinstance(query, LogQuery):
        raise InvalidInputError("only log selector is supported")
    return query


def _delay(asked: Parameters) -> float:
    text = asked.first("delay_for")
    if text and not text.isdecimal():
        raise InvalidInputError(f'strconv.Atoi: parsing "{text}": invalid syntax')
    if float(text or 0) > _MOST_DELAY:
        raise InvalidInputError(f"delay_for can't be greater than {_MOST_DELAY:.0f}")
    return float(text or 0)


def _oldest_first(streams: Streams) -> Streams:
    return Streams({labels: lines[::-1] for labels, lines in streams.found.items()})


async def _send(socket: WebSocket, streams: Streams) -> None:
    if streams.found:
        body = {"streams": streams_list(streams), "dropped_entries": []}
        await socket.send_text(orjson.dumps(body).decode())


async def _gone(going: asyncio.Future[Any]) -> bool:
    """Wait for a moment. Has the client said anything? It only ever says goodbye."""
    await asyncio.wait({going}, timeout=_LOOK)
    return going.done()
