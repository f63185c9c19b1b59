"""The lab as a process: its HTTP servers, its kubeconfigs, and the file that says where they are."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from starlette.types import ASGIApp

from aiops.core.clock import pause
from aiops.lab.control_api import control_app
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.keeper import Keeper
from aiops.lab.kube import MASTERS, User, kubernetes_app, service_account
from aiops.lab.prometheus import prometheus_app
from aiops.lab.world import World

STATE_FILE = "lab.json"
READY_FILE = "ready"

ENGINEERS = "platform-engineers"
USERS = {
    "admin": User("kubernetes-admin", (MASTERS,)),
    "engineer": User("jane.doe@example.com", (ENGINEERS,)),
    "assistant": service_account("aiops", "aiops"),
}
"""Whom the kubeconfigs of the lab speak for."""

Ready = Callable[[dict[str, str], str], Awaitable[None]]
"""Called with the addresses of the APIs and the namespace of the application, once they answer."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """`speed`: simulated seconds a wall second; None: the time moves only when somebody advances it."""

    directory: Path
    application: str
    seed: int
    speed: float | None
    history_seconds: float


async def run_lab(options: LabOptions, ready: Ready) -> None:
    """Start a lab, call `ready`, serve until the process is told to end."""
    world = World(options.application, seed=options.seed)
    world.grant_cluster_admin(ENGINEERS)
    for _ in world.ticks(options.history_seconds):
        pass
    keeper = Keeper(world, speed=options.speed)
    tokens = {name: secrets.token_urlsafe(24) for name in (*USERS, "clock", "control")}
    apps: dict[str, ASGIApp] = {
        "kubernetes": kubernetes_app(
            world.cluster, tokens={tokens[name]: user for name, user in USERS.items()}, logs=world.logs
        ),
        "prometheus": prometheus_app(world.series, world.rules, world.clock),
        "jaeger": jaeger_app(world.traces, world.clock),
        "control": control_app(keeper, clock_token=tokens["clock"], admin_token=tokens["control"]),
    }
    async with AsyncExitStack() as stack:
        stack.push_async_callback(keeper.close)
        addresses = {name: await stack.enter_async_context(_Served(app)) for name, app in apps.items()}
        _write_files(options.directory, addresses, tokens, world.namespace)
        await ready(addresses, world.namespace)
        (options.directory / READY_FILE).touch()
        await _until_told_to_end(keeper)


class _Served:
    """One ASGI application on a port of its own, as an async context that gives its address."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]

    async def __aenter__(self) -> str:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            await pause(0.005)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._task


async def _until_told_to_end(keeper: Keeper) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    moving = asyncio.create_task(keeper.run())
    await told.wait()
    moving.cancel()
    with suppress(asyncio.CancelledError):
        await moving


def _write_files(directory: Path, addresses: dict[str, str], tokens: dict[str, str], namespace: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / READY_FILE).unlink(missing_ok=True)
    for name in USERS:
        config = _kubeconfig(addresses["kubernetes"], name, tokens[name], namespace)
        _write_private(directory / f"{name}.kubeconfig", yaml.safe_dump(config))
    state = {
        "pid": os.getpid(),
        "addresses": addresses,
        "namespace": namespace,
        "clock_token": tokens["clock"],
        "admin_token": tokens["control"],
    }
    _write_private(directory / STATE_FILE, json.dumps(state, indent=2))


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _kubeconfig(server: str, user: str, token: str, namespace: str) -> dict[str, Any]:
    context = {"cluster": "lab", "user": user, "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": {"server": server}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": context}],
        "current-context": "lab",
    }
