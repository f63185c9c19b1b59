"""Who answers a script: one small protocol, so that a player need not know a real cluster from the lab."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx2

from aiops.clients.kubeconfig import ClusterAccess, TokenAuth

AGENT = "conformance/1"
"""The user agent of requests, and so the name of their field manager."""

KUBECTL_SECONDS = 90.0
KUBECTL = "kubectl"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks: an HTTP client and a kubeconfig."""

    http: httpx2.AsyncClient
    kubeconfig: Path


class Cluster(Protocol):
    """A cluster to play scripts on."""

    @property
    def people(self) -> Mapping[str, Person]: ...

    async def pause(self) -> None:
        """Let a moment pass: a wait looks again after it."""
        ...

    def looks(self, seconds: float) -> int:
        """How often to look for something that takes at most `seconds` on a real cluster."""
        ...

    def going_on(self) -> AbstractAsyncContextManager[None]:
        """While open, the cluster's time passes by itself: somebody outside (kubectl) waits for it."""
        ...


@asynccontextmanager
async def person(access: ClusterAccess, kubeconfig: Path, acting_as: str = "") -> AsyncGenerator[Person]:
    """Somebody with these credentials, who may act as somebody else."""
    headers = {"User-Agent": AGENT, **({"Impersonate-User": acting_as} if acting_as else {})}
    client = httpx2.AsyncClient(
        base_url=access.server,
        verify=access.tls if access.tls is not None else True,
        auth=TokenAuth(access.token) if access.token is not None else None,
        headers=headers,
        timeout=60,
        trust_env=False,
    )
    async with AsyncExitStack() as stack:
        yield Person(await stack.enter_async_context(client), kubeconfig)


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed, and the code with which it ended."""

    code: int
    stdout: str
    stderr: str


async def run_kubectl(kubeconfig: Path, home: Path, arguments: list[str], stdin: str) -> Printed:
    """Run kubectl in the directory `home`, which is also where it keeps what it learns of the cluster."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": str(kubeconfig), "TMPDIR": str(home)}
    environment["GOGC"] = "off"  # a tenth of its time was the search for garbage, and it ends after a second
    process = await asyncio.create_subprocess_exec(
        KUBECTL,
        *arguments,
        cwd=home,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), KUBECTL_SECONDS)
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
    return Printed(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))
