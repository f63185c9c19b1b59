"""The lab as a process: its HTTP servers, its kubeconfigs, and the file that says where they are."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from aiops.core.clock import SystemClock
from aiops.lab.access_files import READY_FILE, folder_of_its_own, write_kubeconfig, write_state
from aiops.lab.certificates import ServerCertificate, issued
from aiops.lab.control.housekeeping import authority
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.keeper import Keeper
from aiops.lab.kube import MASTERS, User, kubernetes_app, service_account
from aiops.lab.lab_api import lab_app
from aiops.lab.loki.api import loki_app
from aiops.lab.ports import TICK
from aiops.lab.prometheus import prometheus_app
from aiops.lab.serving import LOOPBACK, Served
from aiops.lab.world import SETTLING, START, World

ENGINEERS = "platform-engineers"
USERS = {
    "admin": User("kubernetes-admin", (MASTERS,)),
    "engineer": User("jane.doe@example.com", (ENGINEERS,)),
    "assistant": service_account("aiops", "aiops"),
}
"""Whom the kubeconfigs of the lab speak for."""

Ready = Callable[[dict[str, str], tuple[str, ...]], Awaitable[None]]
"""Called with the addresses of the APIs and the namespaces of the application, once they answer."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """`speed`: simulated seconds a wall second; None: the time moves only when somebody advances it."""

    directory: Path
    application: str
    seed: int
    speed: float | None
    history_seconds: float


async def run_lab(options: LabOptions, ready: Ready) -> None:
    """Start a lab, call `ready`, serve until the process is told to end. Raises `ConfigurationError` where a lab
    runs in the same folder."""
    with folder_of_its_own(options.directory):
        await _run(options, ready)


async def _run(options: LabOptions, ready: Ready) -> None:
    world = World(options.application, seed=options.seed, start=_start(options))
    world.grant_cluster_admin(ENGINEERS)
    world.settle()
    for _ in world.ticks(options.history_seconds):
        pass
    if options.speed is not None:
        live_to_the_present(world)
    keeper = Keeper(world, speed=options.speed)
    tokens = {name: secrets.token_urlsafe(24) for name in (*USERS, "clock", "control")}
    certificate = _certificate(world)
    users = {tokens[name]: user for name, user in USERS.items()}
    kubernetes = kubernetes_app(world.cluster, tokens=users, logs=world.logs, runtime=world.runtime)
    commands = lab_app(keeper, clock_token=tokens["clock"], admin_token=tokens["control"])
    (options.directory / READY_FILE).unlink(missing_ok=True)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(keeper.close)
        addresses = {
            "kubernetes": await stack.enter_async_context(Served(kubernetes, certificate)),
            "prometheus": await stack.enter_async_context(
                Served(prometheus_app(world.series, world.rules, world.clock))
            ),
            "jaeger": await stack.enter_async_context(Served(jaeger_app(world.traces, world.clock))),
            "loki": await stack.enter_async_context(Served(loki_app(world.container_logs, world.clock))),
            "control": await stack.enter_async_context(Served(commands)),
        }
        for name in USERS:
            write_kubeconfig(
                options.directory,
                name,
                server=addresses["kubernetes"],
                certificate=certificate,
                token=tokens[name],
                namespace=world.namespace,
            )
        write_state(
            options.directory,
            {
                "pid": os.getpid(),
                "addresses": addresses,
                "namespace": world.namespace,
                "namespaces": world.namespaces,
                "objective": world.objective.availability,
                "clock_token": tokens["clock"],
                "admin_token": tokens["control"],
            },
        )
        await ready(addresses, world.namespaces)
        told = _told_to_end()  # before anybody is told that it is ready, for that is when signals begin to come
        (options.directory / READY_FILE).touch()
        await _live(keeper, told)


def _certificate(world: World) -> ServerCertificate:
    """The API server's, by the cluster's own authority, which also issues those of clients."""
    secret = world.cluster.secret
    return issued(LOOPBACK, SystemClock().now(), authority.certificate(secret, START), authority.key(secret))


def _start(options: LabOptions) -> float:
    """A lab that runs by itself ends its history at the present, so that kubectl shows true ages."""
    if options.speed is None:
        return START - SETTLING
    return SystemClock().now() // TICK * TICK - options.history_seconds - SETTLING


def live_to_the_present(world: World) -> None:
    """Catch up on the wall seconds that the history took."""
    for _ in world.ticks(max(0.0, SystemClock().now() - world.now)):
        pass


def _told_to_end() -> asyncio.Future[None]:
    """Done once a signal to end has come."""
    told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _tell, told)
    return told


async def _live(keeper: Keeper, told: asyncio.Future[None]) -> None:
    """Move the time until a signal comes. A lab whose time cannot go on ends, with the error."""
    if keeper.speed is None:
        return await told
    moving = asyncio.create_task(keeper.run(keeper.speed))
    done, _ = await asyncio.wait({told, moving}, return_when=asyncio.FIRST_COMPLETED)
    moving.cancel()
    if moving in done:
        moving.result()
    return None


def _tell(told: asyncio.Future[None]) -> None:
    if not told.done():
        told.set_result(None)
