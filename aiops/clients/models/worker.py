"""A child process that answers JSON lines: started when first asked, ended when late, started anew after a crash."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson

from aiops.clients.models.errors import ModelError

LONGEST_LINE = 2**24
"""Bytes of one answer."""

OURS = "AIOPS_"
"""Our settings hold tokens and keys, which a child process has no use for."""


class Worker:
    """`module` is run with `arguments`; it says `{"ready": true}` once it can be asked. Times are wall seconds."""

    def __init__(self, what: str, module: str, arguments: Sequence[str], *, patience: float) -> None:
        self._what = what
        self._command = (sys.executable, "-P", "-m", module, *arguments)
        self._patience = patience
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    async def ask(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        """The answer to one request; one at a time. Raises `ModelError`."""
        async with self._lock:
            process = await self._started()
            try:
                return await self._exchange(process, orjson.dumps(request) + b"\n", timeout)
            except BaseException:
                await self._end()  # an answer that comes late would be taken for that to the next request
                raise

    async def close(self) -> None:
        async with self._lock:
            await self._end()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            limit=LONGEST_LINE,
        )
        try:
            answer = await self._exchange(self._process, b"", self._patience)
        except BaseException:
            await self._end()
            raise
        if not answer.get("ready"):
            await self._end()
            raise ModelError(f"{self._what} cannot be loaded: {answer.get('error')}")
        return self._process

    async def _exchange(self, process: asyncio.subprocess.Process, line: bytes, timeout: float) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(timeout):
                process.stdin.write(line)
                await process.stdin.drain()
                answer = await process.stdout.readline()
        except TimeoutError as error:
            raise ModelError(f"{self._what} did not answer within {timeout:g} s") from error
        except (ConnectionError, ValueError) as error:
            raise ModelError(f"{self._what}: its process broke off: {error}") from error
        if not answer:
            raise ModelError(f"{self._what}: its process ended with code {await process.wait()}")
        decoded: dict[str, Any] = orjson.loads(answer)
        return decoded

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
