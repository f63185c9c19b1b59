"""The reading tools that a specialist may use, what they cost, and what they could not see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from aiops.core.entity import Entity
from aiops.core.errors import (
    InvalidInputError,
    NotPossibleError,
    RemoteError,
    ToolError,
)
from aiops.core.evidence import Query
from aiops.core.tasks import task_group
from aiops.tools.kit.context import READS_AT_ONCE, Context
from aiops.tools.kit.registry import Tool
from aiops.tools.kit.results import Result

P = ParamSpec("P")
R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")

READ_SECONDS = 0.2
"""What one read costs on a virtual clock: about what a busy API server or Prometheus takes to answer."""


class Toolbox:
    """Calls reading tools for one specialist: only those that it declared.

    `missing` collects what the tools could not see, as sentences; `answering` the objects that measure how they answer
    and get their requests as before; `cost` is in simulated seconds. A cluster that does not answer at all
    (`ClusterUnreachableError`) is no gap in the data: the error goes to the caller.
    """

    def __init__(self, ctx: Context, allowed: Iterable[str]) -> None:
        self._ctx = ctx
        self._allowed = frozenset(allowed)
        self.missing: list[str] = []
        self.answering: list[Entity] = []
        self.cost = 0.0

    async def read(self, tool: Tool[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
        """The tool's result; None (and a sentence in `missing`) where it had to give up."""
        if tool.name not in self._allowed or tool.effect != "reads":
            raise NotPossibleError(f"this specialist may not use the tool {tool.name}")
        self.cost += READ_SECONDS
        try:
            result = await tool(self._ctx, *args, **kwargs)
        except (ToolError, RemoteError, InvalidInputError) as error:
            self._note(f"{tool.name}: {error}")
            return None
        if isinstance(result, Result) and result.no_data:
            self._note(f"{tool.name}: {result.no_data}")
        return result

    async def read_any(self, tool: Tool[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Like `read`, for what need not be there: that there is nothing is no gap in the data, a failure is."""
        noted = len(self.missing)
        result = await self.read(tool, *args, **kwargs)
        if result is not None:
            del self.missing[noted:]
        return result

    @contextmanager
    def unnoted(self) -> Iterator[None]:
        """Around readings of which nothing is missed: many clusters have no such data, or somebody else tells of it."""
        noted = len(self.missing)
        yield
        del self.missing[noted:]

    async def together(self, reads: Sequence[Callable[[Toolbox], Awaitable[T]]]) -> list[T]:
        """The results of reads that do not wait for each other, in their order, some at a time.

        Each is given a toolbox of its own, so that what was missing is told in the same order as well."""
        slots = asyncio.Semaphore(READS_AT_ONCE)
        parts = [Toolbox(self._ctx, self._allowed) for _ in reads]

        async def one(read: Callable[[Toolbox], Awaitable[T]], part: Toolbox) -> T:
            async with slots:
                return await read(part)

        async with task_group() as group:
            tasks = [group.create_task(one(*pair)) for pair in zip(reads, parts, strict=True)]
        for part in parts:
            for sentence in part.missing:
                self._note(sentence)
        longest = max((part.cost for part in parts), default=0.0)
        self.cost += max(longest, sum(part.cost for part in parts) / READS_AT_ONCE)
        return [task.result() for task in tasks]

    def is_allowed(self, namespace: str) -> bool:
        """May a namespace be looked at like any other?"""
        return self._ctx.allows(namespace)

    async def now(self) -> float:
        """The cluster's time, in unix seconds."""
        return await self._ctx.clock.sync()

    def _note(self, sentence: str) -> None:
        if sentence not in self.missing:
            self.missing.append(sentence)


def query(tool: Tool[..., Any], **arguments: Any) -> Query:
    """The call of a tool as a record that can be made again."""
    return Query(tool=tool.name, arguments=to_jsonable_python(arguments))
