from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aiops.cli import rig
from aiops.cli.processes import children
from aiops.cli.rig import LabAddress, send_alerts, start_lab, start_page, start_server
from aiops.clients.clock import RemoteClock
from aiops.clients.kubeconfig import load_access
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import pause
from aiops.faults.injection import inject_drawn
from aiops.faults.registry import FAULTS
from aiops.ui.api import ServerApi
from tests.support.forked import Forked

STEP = 15.0


class Stage:
    """A lab in a process of its own, and an assistant that a test may kill and start again."""

    def __init__(self, running: list[Any], directory: Path, lab: LabAddress) -> None:
        self.lab = lab
        self.clock: RemoteClock = lab.clock()
        self.directory = directory
        self._running = running
        self.server: Forked | None = None
        self.api: ServerApi | None = None

    async def serve(self, lab: LabAddress | None = None) -> ServerApi:
        """Start the assistant (again), on `lab` or another way to it."""
        self.server, address = await start_server(self._running, self.directory, lab or self.lab, 0)
        self.api = ServerApi(lambda: address)
        await send_alerts(self.lab, address)
        return self.api

    async def page(self) -> str:
        """Start the web page beside the assistant; gives its link."""
        return await start_page(self._running, self.directory, 0)

    def kill_server(self) -> None:
        assert self.server is not None
        self.server.kill()
        self._running.remove(self.server)

    def cluster(self, user: str = "admin") -> KubernetesClient:
        return KubernetesClient.connect(load_access(self.lab.kubeconfig(user)), field_manager="kubectl")

    async def inject(self, fault: str, seed: int = 0) -> None:
        kube = self.cluster("engineer")
        await inject_drawn(FAULTS.get(fault), kube, self.lab.directory / "faults.jsonl", self.lab.namespace, seed)
        await kube.close()

    async def incident(self) -> str:
        """Let time pass until there is an incident."""
        assert self.api is not None
        await self.clock.sync()
        for _ in range(80):
            if found := await self.api.request("GET", "/api/incidents"):
                return str(found[-1]["id"])
            await self.clock.sleep(STEP)
        raise AssertionError("no alert came")

    async def until(self, what: Callable[[], Awaitable[Any]], seconds: float = 60.0) -> Any:
        """Poll until `what` gives something that is true, in wall time."""
        for _ in range(int(seconds / 0.05)):
            if found := await what():
                return found
            await pause(0.05)
        raise AssertionError(f"did not happen in {seconds} s")

    async def proposal(self, incident: str) -> dict[str, Any]:
        """The newest approval that waits."""
        api = self.api
        assert api is not None

        async def pending() -> Any:
            waiting = await api.request("GET", "/api/approvals", decision="pending")
            return [one for one in waiting if one["incident"] == incident]

        found: dict[str, Any] = (await self.until(pending))[-1]
        return found

    async def finished(self, incident: str) -> dict[str, Any]:
        """The incident once it has ended."""
        api = self.api
        assert api is not None
        async for _ in api.stream(f"/api/incidents/{incident}/stream"):
            pass
        found: dict[str, Any] = await api.request("GET", f"/api/incidents/{incident}")
        return found


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Starts a stage: `async with stage(seed) as on`. Its processes are forks; the demo's tests start true commands."""
    monkeypatch.setattr(rig, "Child", Forked)

    @asynccontextmanager
    async def start(seed: int = 0) -> AsyncIterator[Stage]:
        async with children() as running:
            lab = await start_lab(running, tmp_path / "lab", seed, "hotel")
            yield Stage(running, tmp_path, lab)

    return start
