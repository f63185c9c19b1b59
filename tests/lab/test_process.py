"""The lab as a process: what it leaves in its folder, who may read it, for whom it speaks, how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import yaml

from aiops.cli.fault_place import JOURNAL
from aiops.clients.kubeconfig import load_access
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import SystemClock, pause
from aiops.core.entity import Entity
from aiops.core.errors import DeniedError
from aiops.lab.access_files import READY_FILE, STATE_FILE
from aiops.lab.process import USERS, live_to_the_present
from aiops.lab.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(100)]

CONFIGS = tuple(f"{user}.kubeconfig" for user in USERS)
ARGUMENTS = ("--seed", "1", "--history", "1", "--speed", "0")


@asynccontextmanager
async def _lab(directory: Path) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A lab in a process of its own, whose user would let everybody read new files."""
    command = [sys.executable, "-m", "aiops.cli.main", "lab", "up", "--dir", str(directory), *ARGUMENTS]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, umask=0)
    try:
        while not (directory / READY_FILE).exists():
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
            await pause(0.02)
        yield process
    finally:
        process.kill()
        process.communicate()


def _state(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / STATE_FILE).read_text())
    return found


def _token(directory: Path, config: str) -> str:
    return str(yaml.safe_load((directory / config).read_text())["users"][0]["user"]["token"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The folder of a lab that runs, in which everybody could read what an earlier one left."""
    folder = tmp_path_factory.mktemp("lab")
    stale = folder / STATE_FILE
    stale.write_text("{}")
    stale.chmod(0o666)
    (folder / JOURNAL).write_text('{"id":"slow_network-1"}\n')
    async with _lab(folder) as process:
        assert not (folder / JOURNAL).exists()
        assert _state(folder)["pid"] == process.pid
        yield folder


async def test_what_holds_a_token_is_private(running: Path) -> None:
    names = (STATE_FILE, *CONFIGS)
    modes = {name: stat.S_IMODE((running / name).stat().st_mode) for name in names}
    assert modes == dict.fromkeys(names, 0o600)
    state = _state(running)
    assert state["namespace"] == "hotel"
    assert sorted(state["addresses"]) == ["control", "jaeger", "kubernetes", "loki", "prometheus"]
    async with httpx2.AsyncClient(base_url=state["addresses"]["loki"]) as loki:
        assert (await loki.get("/ready")).text == "ready\n"
    tokens = [state["clock_token"], state["admin_token"], *(_token(running, config) for config in CONFIGS)]
    assert len(set(tokens)) == len(tokens)
    assert min(len(token) for token in tokens) >= 32


async def test_each_kubeconfig_speaks_for_its_user(running: Path) -> None:
    node = Entity(kind="Node", namespace="", name="node-1")
    for user in ("admin", "engineer"):
        kube = KubernetesClient.connect(load_access(running / f"{user}.kubeconfig"))
        assert (await kube.can("delete", "", "nodes", "", "", ""))[0]
        await kube.close()
    assistant = KubernetesClient.connect(load_access(running / "assistant.kubeconfig"))
    assert [item["metadata"]["name"] for item in await assistant.list("Service", "hotel")]
    with pytest.raises(DeniedError):
        await assistant.delete(node, dry_run=True)
    await assistant.close()


async def test_a_token_of_the_cluster_opens_no_other_api(running: Path) -> None:
    state = _state(running)
    async with httpx2.AsyncClient(base_url=state["addresses"]["control"]) as api:
        statuses = {
            name: (await api.get("/clock", headers={"Authorization": f"Bearer {token}"})).status_code
            for name, token in (("clock", state["clock_token"]), ("cluster", _token(running, CONFIGS[0])))
        }
    assert statuses == {"clock": 200, "cluster": 401}


async def test_a_second_lab_leaves_the_first_one_s_folder_alone(tmp_path: Path) -> None:
    async with _lab(tmp_path):
        before = (tmp_path / CONFIGS[0]).read_bytes()
        second = [sys.executable, "-m", "aiops.cli.main", "lab", "up", "--dir", str(tmp_path), *ARGUMENTS]
        ended = await asyncio.to_thread(subprocess.run, second, capture_output=True, text=True, timeout=60)
        assert ended.returncode != 0
        assert "already" in ended.stderr
        assert "with seed 1" in ended.stderr, "what it does is said before it does it"
        assert (tmp_path / CONFIGS[0]).read_bytes() == before
    async with _lab(tmp_path) as process:  # the one that was killed left its lock to nobody
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_lab_ends_when_told(tmp_path: Path, number: signal.Signals) -> None:
    async with _lab(tmp_path) as process:
        os.kill(process.pid, number)
        assert process.wait(timeout=20) == 0


def test_a_lab_that_runs_by_itself_begins_at_the_present_however_long_its_history_took() -> None:
    world = World("hotel", seed=1, start=SystemClock().now() // 1 - 30)
    live_to_the_present(world)
    assert abs(SystemClock().now() - world.now) < 10
    ahead = world.now + 1000
    world.now = ahead
    live_to_the_present(world)
    assert world.now == ahead
