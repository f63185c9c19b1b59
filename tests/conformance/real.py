"""A real cluster: time passes by itself, and waiting means looking again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from aiops.clients.kubeconfig import load_access
from aiops.core.clock import pause
from tests.cluster.people import ROLES, write_people
from tests.conformance.cluster import Person, person

PAUSE = 0.1
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class RealCluster:
    """A cluster that a kubeconfig names."""

    people: Mapping[str, Person]

    async def pause(self) -> None:
        await pause(PAUSE)

    def looks(self, seconds: float) -> int:
        return int(seconds / PAUSE)

    def going_on(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


@asynccontextmanager
async def real_cluster(admin: Path, folder: Path) -> AsyncGenerator[RealCluster]:
    """The cluster of the admin's kubeconfig, with the people of the tests, whose kubeconfigs go into `folder`."""
    async with AsyncExitStack() as stack:
        people = {}
        for name, path in write_people(admin, folder).items():
            access = load_access(path)
            acting_as = name if name in ROLES else ""
            people[name] = await stack.enter_async_context(person(access, path, acting_as))
        yield RealCluster(people)
