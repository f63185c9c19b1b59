"""Finds an agent: one of ours by its name, anybody's by `module:Class`."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from aiops.bench.agents.registry import AGENTS, Claim, Entry, Room
from aiops.bench.agents.strategy import Strategy
from aiops.bench.stage import TELEMETRY
from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.core.registry import summary_of

WITHOUT = " without "


class Resolver(Protocol):
    """What anybody's agent is: a class that is made without arguments, anew for each scenario."""

    async def resolve(self, room: Room) -> Claim:
        """Called once, when an alert came or somebody asks. Look, change what is to be changed through `room.access`,
        and say what was wrong. `room.clock` tells the time and lets it pass."""
        ...


def agent_of(name: str) -> Entry:
    """The agent of a name; of `module:Class` the class, looked for in the working directory too. Behind either may
    stand what it has to do without: `supervisor without traces, logs`.

    Raises `UnknownNameError`; `InvalidInputError` where there is no such class or it resolves nothing."""
    known, _, lost = name.partition(WITHOUT)
    if not lost:
        return _agent(name)
    without = lost.split(", ")
    for one in without:
        if one not in TELEMETRY:
            raise UnknownNameError("telemetry", one, TELEMETRY)
    return replace(_agent(known), name=name, without=frozenset(without))


def name_without(agent: str, lost: Sequence[str]) -> str:
    """The name of an agent that has to do without this telemetry."""
    return f"{agent}{WITHOUT}{', '.join(lost)}" if lost else agent


def _agent(name: str) -> Entry:
    if ":" not in name:
        return AGENTS.get(name)
    make = _class(name)
    return Entry(name, summary_of(make), "operator", lambda room: _Resolving(room, make()))


class _Resolving(Strategy):
    """Calls a resolver, and says what it said."""

    def __init__(self, room: Room, resolver: Resolver) -> None:
        super().__init__(room)
        self._resolver = resolver

    async def act(self) -> None:
        self.said = await self._resolver.resolve(self.room)
        self.said_at = self.room.clock.now()


def _class(name: str) -> Callable[[], Resolver]:
    module, _, wanted = name.partition(":")
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        kind: Any = getattr(importlib.import_module(module), wanted, None)
    except ImportError as error:
        raise InvalidInputError(f"--agent: {module!r} cannot be imported: {error}") from error
    if not inspect.isclass(kind) or not inspect.iscoroutinefunction(getattr(kind, "resolve", None)):
        raise InvalidInputError(f"--agent: {module} has no class {wanted!r} with `async def resolve(self, room)`")
    return cast("Callable[[], Resolver]", kind)
