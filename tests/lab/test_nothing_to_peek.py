"""Nothing that an agent can read says how the lab is made, or what is done to it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from aiops.bench.stage import USERS, Stage, warmed
from aiops.core.clock import pause
from aiops.core.disturbance import disturbance_of
from aiops.core.errors import AiopsError
from aiops.faults.injection import inject_drawn
from aiops.faults.registry import FAULTS
from aiops.lab.access_files import READY_FILE, STATE_FILE
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.kube import kubernetes_app
from aiops.lab.loki.api import loki_app
from aiops.lab.prometheus import prometheus_app
from tests.lab.peeking import reading
from tests.lab.peeking.words import telling
from tests.support.worlds import copy_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

NAMESPACE, VICTIM = "hotel", {"namespace": "hotel", "labels": {"app": "geo"}}
DISTURBANCES: tuple[dict[str, Any], ...] = (
    {"kind": "network.loss", "pods": VICTIM, "percent": 20},
    {"kind": "network.delay", "pods": VICTIM, "seconds": 0.3},
    {"kind": "misbehaviour", "pods": VICTIM, "behaviours": [{"kind": "operation_errors", "percent": 30}]},
    {"kind": "stress.cpu", "pods": VICTIM, "cores": 0.2},
    {"kind": "node.memory", "nodes": {"names": ["node-1"]}, "bytes": 1e9},
    {"kind": "dns.failure", "pods": VICTIM, "percent": 20},
    {"kind": "api_server.overload", "percent": 1},
    {"kind": "load.increase", "factor": 1.5},
)
SEED = 11
TOLD = "tell-tale"
CONTROL = (
    *(("GET", path) for path in ("/clock", "/disturbances", f"/disturbances/{TOLD}", "/alerts/receiver", "/docs", "/")),
    *(("PUT", path) for path in ("/disturbances/other", "/alerts/receiver")),
    *(("DELETE", f"/disturbances/{TOLD}"), ("POST", "/clock/advance"), ("POST", "/disturbances")),
)
REFUSED = {
    (401, '{"error":"a bearer token is needed"}'),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
}


async def _troubled(directory: Path) -> Stage:
    """A cluster in which a good deal is wrong, by writes of engineers and below the API."""
    stage = Stage(copy_of(warmed, NAMESPACE, SEED), directory)
    for number, data in enumerate(DISTURBANCES):
        stage.world.disturbances.begin(f"{TOLD}-{number}", disturbance_of(data))
    for name in FAULTS.names():
        try:
            await inject_drawn(FAULTS.get(name), stage.engineer, stage.journal, NAMESPACE, SEED, stage.plane)
        except AiopsError:  # another fault took its victim, or the server turned it away
            continue
    for _ in stage.world.ticks(240):
        pass
    return stage


async def test_nothing_that_the_apis_show_tells_how_they_are_made(tmp_path: Path) -> None:
    stage = await _troubled(tmp_path)
    assert len(stage.journal.read_text().splitlines()) > 10
    world, texts = stage.world, []
    apps = {
        "kubernetes": kubernetes_app(world.cluster, tokens=dict(USERS), logs=world.logs, runtime=world.runtime),
        "prometheus": prometheus_app(world.series, world.rules, world.clock),
        "loki": loki_app(world.container_logs, world.clock),
        "jaeger": jaeger_app(world.traces, world.clock),
    }
    for name, app in apps.items():
        transport = httpx2.ASGITransport(app=app)
        headers = {"authorization": "Bearer assistant"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://cluster", headers=headers) as api:
            readers = {
                "kubernetes": reading.kubernetes,
                "prometheus": reading.prometheus,
                "loki": lambda api: reading.loki(api, world.now),
                "jaeger": reading.jaeger,
            }
            texts += [(f"{name} {place}", text) async for place, text in readers[name](api)]
    assert len(texts) > 800
    assert sum(len(text) for _, text in texts) > 10_000_000
    assert telling(texts, [TOLD]) == []


@asynccontextmanager
async def _lab(directory: Path) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A lab in a process of its own, whose user would let everybody read new files."""
    arguments = ("lab", "up", "--dir", str(directory), "--seed", "1", "--history", "1", "--speed", "0")
    command = [sys.executable, "-m", "aiops.cli.main", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, umask=0)
    try:
        while not (directory / READY_FILE).exists():
            assert process.poll() is None
            await pause(0.02)
        yield process
    finally:
        process.kill()
        process.wait()


async def test_nothing_around_the_process_tells_what_is_done_to_it(tmp_path: Path) -> None:
    async with _lab(tmp_path) as process:
        state = json.loads((tmp_path / STATE_FILE).read_text())
        secrets = [state["admin_token"], state["clock_token"]]
        control, admin = state["addresses"]["control"], {"authorization": f"Bearer {secrets[0]}"}
        kubeconfig = yaml.safe_load((tmp_path / "assistant.kubeconfig").read_text())
        headers = {"authorization": f"Bearer {kubeconfig['users'][0]['user']['token']}"}
        async with httpx2.AsyncClient(headers=headers) as api:
            begun = await api.put(f"{control}/disturbances/{TOLD}", json=DISTURBANCES[0], headers=admin)
            assert begun.status_code == 200
            for method, path in CONTROL:
                reply = await api.request(method, f"{control}{path}", json={})
                assert (reply.status_code, reply.text) in REFUSED, path
            pages = [
                (f"{name} {path}", str((reply := await api.get(f"{address}{path}")).headers) + reply.text)
                for name, address in state["addresses"].items()
                if address.startswith("http://")
                for path in ("/", "/nowhere", "/docs", "/openapi.json", "/metrics", "/disturbances")
            ]
        process_files = [Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
        for text in (bytes(part).decode(errors="replace") for part in process_files):
            assert not [word for word in (*secrets, TOLD, "network.loss") if word in text]
        open_to_others = [path for path in tmp_path.rglob("*") if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)]
        assert all(path.stat().st_size == 0 for path in open_to_others)
        pages.append(("assistant.kubeconfig", (tmp_path / "assistant.kubeconfig").read_text()))
        assert telling(pages, [TOLD, *secrets]) == []
