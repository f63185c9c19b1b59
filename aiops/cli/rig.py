"""The whole product on one machine: a lab and an assistant that watches it, each a process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiops.cli.page import FILE as PAGE_FILE
from aiops.cli.page import PORT as PAGE_PORT
from aiops.cli.processes import Child, children
from aiops.clients.clock import RemoteClock
from aiops.clients.transport import BearerAuth, HttpService
from aiops.core.errors import ConfigurationError
from aiops.core.server_address import ServerAddress
from aiops.lab.access_files import READY_FILE, STATE_FILE
from aiops.server.address import FILE as SERVER_FILE
from aiops.server.address import find
from aiops.ui.api import ServerApi


@dataclass(frozen=True, slots=True)
class LabAddress:
    """What a lab wrote about itself: addresses of its APIs, tokens of its clock, the folder of its kubeconfigs.

    `objective` is the share of good answers that the users of its application are promised; `namespaces` are all of
    its application's, `namespace` the main one."""

    directory: Path
    addresses: dict[str, str]
    clock_token: str
    admin_token: str
    namespace: str
    objective: float
    namespaces: tuple[str, ...] = ()

    @classmethod
    def read(cls, directory: Path) -> LabAddress:
        """Raises `ConfigurationError` where no lab runs from this folder."""
        path = directory / STATE_FILE
        try:
            state: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            raise ConfigurationError(f"no lab known ({path} is missing): start one with 'aiops lab up'") from None
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{path} cannot be read: {error}; start the lab again") from error
        try:
            return cls(
                directory,
                state["addresses"],
                state["clock_token"],
                state["admin_token"],
                state["namespace"],
                float(state["objective"]),
                tuple(state["namespaces"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{path} is not a lab's: {error}; start the lab again") from error

    def kubeconfig(self, user: str) -> Path:
        """Users: `admin`, `assistant`, `engineer`."""
        return self.directory / f"{user}.kubeconfig"

    def clock(self) -> RemoteClock:
        """Its time, as a clock that may be advanced."""
        return RemoteClock(self.addresses["control"], token=self.clock_token)


@dataclass(slots=True)
class Rig:
    """A lab, its clock, and the API of an assistant that watches it. `server` may be killed and started again.

    `page` is the link of the web page, where one was asked for."""

    lab: LabAddress
    clock: RemoteClock
    api: ServerApi
    server: Child
    page: str | None = None


@asynccontextmanager
async def start_rig(
    directory: Path, *, seed: int, application: str, port: int, page: bool = False
) -> AsyncIterator[Rig]:
    """Start both in `directory` and end them afterwards. The lab's time moves only when somebody advances it."""
    async with children() as running:
        lab = await start_lab(running, directory / "lab", seed, application)
        server, address = await start_server(running, directory, lab, port)
        link = await start_page(running, directory, PAGE_PORT if port else 0) if page else None
        clock = lab.clock()
        async with ServerApi(lambda: address) as api:
            await send_alerts(lab, address)
            await clock.sync()
            yield Rig(lab, clock, api, server, link)
        await clock.close()


async def start_lab(running: list[Child], directory: Path, seed: int, application: str) -> LabAddress:
    directory.mkdir(parents=True)
    arguments = ["lab", "up", "--dir", str(directory), "--seed", str(seed), "--app", application, "--speed", "0"]
    child = Child(arguments, directory / "lab.log", dict(os.environ))
    running.append(child)
    await child.ready(lambda: True if (directory / READY_FILE).exists() else None)
    return LabAddress.read(directory)


async def start_server(
    running: list[Child], directory: Path, lab: LabAddress, port: int
) -> tuple[Child, ServerAddress]:
    """Start an assistant on a lab; its state folder is `directory`/state, kept from an earlier start."""
    state = directory / "state"
    (state / SERVER_FILE).unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIOPS_")} | {
        "AIOPS_KUBECONFIG": str(lab.kubeconfig("assistant")),
        "AIOPS_NAMESPACES": json.dumps(lab.namespaces),
        "AIOPS_PROMETHEUS_URL": lab.addresses["prometheus"],
        "AIOPS_JAEGER_URL": lab.addresses["jaeger"],
        "AIOPS_LOKI_URL": lab.addresses["loki"],
        "AIOPS_CLOCK_URL": lab.addresses["control"],
        "AIOPS_CLOCK_TOKEN": lab.clock_token,
        "AIOPS_STATE_DIR": str(state),
        "AIOPS_READ_ONLY": "false",
        "AIOPS_WATCH": "false",  # the time moves when somebody waits: the watch would always do so
        "AIOPS_PORT": str(port),
    }
    child = Child(["serve"], directory / "server.log", environment)
    running.append(child)
    await child.ready(lambda: True if (state / SERVER_FILE).exists() else None)
    return child, find(state)


async def start_page(running: list[Child], directory: Path, port: int) -> str:
    """Start a web page on the assistant of `directory`; gives its link."""
    state = directory / "state"
    file = state / PAGE_FILE
    file.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIOPS_")}
    environment["AIOPS_STATE_DIR"] = str(state)
    child = Child(["page", "--port", str(port)], directory / "page.log", environment)
    running.append(child)
    await child.ready(lambda: True if file.exists() else None)
    link: str = json.loads(file.read_text())["link"]
    return link


async def send_alerts(lab: LabAddress, address: ServerAddress) -> None:
    """Make the lab's alerts go to the assistant at `address`."""
    control = HttpService("the lab", lab.addresses["control"], auth=BearerAuth(lab.admin_token))
    body = {"url": f"{address.url}/webhooks/alertmanager", "token": address.token}
    try:
        await control.send("PUT", "/alerts/receiver", content=json.dumps(body).encode())
    finally:
        await control.close()
