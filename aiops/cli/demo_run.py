"""The demo's course: inject, wait for the alert, follow the incident, answer approvals, measure the SLO."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from aiops.cli.browser import can_open, open_page
from aiops.cli.demo import NO_FAULT
from aiops.cli.demo_follow import Following
from aiops.cli.prompt import interactive, read_line
from aiops.cli.rig import Rig, start_rig
from aiops.cli.slo import MeasuredLevel, measure
from aiops.cli.terminal import console, progress_console
from aiops.clients.kubeconfig import load_access
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import Stopwatch
from aiops.core.incident import State

ALERT_WAIT = 20 * 60.0
"""Simulated seconds after the injection within which an alert must come."""

HEALTHY_WAIT = 10 * 60.0
"""Simulated seconds of a run without a fault before it is asked whether anything is wrong."""

STEP = 15.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """`answer` is the answer to every approval; None asks a person. `page`: start the web page as well; `browser`:
    open it."""

    fault: str
    seed: int
    application: str
    answer: bool | None
    quiet: bool
    port: int
    page: bool
    browser: bool


@dataclass(slots=True)
class DemoResult:
    """What came out; `simulated_seconds` run from the injection to the incident's end."""

    incident: dict[str, Any] | None = None
    diagnosis: dict[str, Any] | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)
    verdict: dict[str, Any] | None = None
    slo: MeasuredLevel | None = None
    seconds: float = 0.0
    simulated_seconds: float = 0.0

    @property
    def well(self) -> bool:
        """Resolved; or, where nothing was broken, closed without a change."""
        state = self.incident["state"] if self.incident else None
        return state == State.RESOLVED or (state == State.CLOSED_NO_FAULT and not self.actions)

    def as_json(self) -> dict[str, Any]:
        return {
            "incident": self.incident,
            "diagnosis": self.diagnosis,
            "actions": self.actions,
            "verdict": self.verdict,
            "slo": self.slo.as_json() if self.slo else None,
            "seconds": round(self.seconds, 3),
            "simulated_seconds": round(self.simulated_seconds, 3),
        }


async def run(options: DemoOptions, directory: Path) -> DemoResult:
    """One demo in `directory`, from nothing to the end of the incident."""
    watch = Stopwatch()
    screen = progress_console() if options.quiet else console()
    result = DemoResult()
    _check_fault(options.fault)
    with screen.status("starting a cluster with 30 minutes of history, and the assistant"):
        context = start_rig(
            directory, seed=options.seed, application=options.application, port=options.port, page=options.page
        )
        rig = await context.__aenter__()
    try:
        if options.port and not rig.api.url.endswith(f":{options.port}"):
            screen.print(f"port {options.port} is taken, using the next free one")
        screen.print(Text(f"cluster and assistant are up after {watch.seconds():.1f} s: {rig.api.url}"))
        _show_page(rig, options, screen, directory)
        onset = rig.clock.now()
        await _break(rig, options, screen)
        incident_id = await _incident(rig, options, screen)
        if incident_id is not None:
            await _follow(rig, incident_id, options, screen, result)
        await rig.clock.sync()
        result.simulated_seconds = rig.clock.now() - onset
        result.slo = await measure(rig.lab, rig.clock.now())
        screen.print(Text(result.slo.sentence()))
        result.seconds = watch.seconds()
        await _stay(rig, options, screen)
    finally:
        await context.__aexit__(None, None, None)
    return result


def _check_fault(name: str) -> None:
    if name != NO_FAULT:
        from aiops.faults.registry import FAULTS

        FAULTS.get(name)


async def _break(rig: Rig, options: DemoOptions, screen: Console) -> None:
    """Inject the fault as an ordinary user of the cluster."""
    if options.fault == NO_FAULT:
        screen.print("no fault is injected")
        return
    from aiops.faults.injection import inject_drawn
    from aiops.faults.registry import FAULTS

    kube = KubernetesClient.connect(load_access(rig.lab.kubeconfig("engineer")), field_manager="kubectl-edit")
    journal = rig.lab.directory / "faults.jsonl"
    injection = await inject_drawn(FAULTS.get(options.fault), kube, journal, rig.lab.namespace, options.seed)
    await kube.close()
    values = ", ".join(f"{name} {value}" for name, value in injection.arguments.items())
    screen.print(Text(f"injected {injection.fault}: {values}", style="magenta"))


async def _incident(rig: Rig, options: DemoOptions, screen: Console) -> str | None:
    """Let time pass until the assistant has an incident; without a fault, ask it whether anything is wrong."""
    wait = HEALTHY_WAIT if options.fault == NO_FAULT else ALERT_WAIT
    with screen.status("time passes until an alert comes in"):
        for _ in range(int(wait / STEP)):
            if incidents := await rig.api.request("GET", "/api/incidents"):
                return str(incidents[-1]["id"])
            await rig.clock.sleep(STEP)
    if options.fault != NO_FAULT:
        screen.print(Text(f"no alert came within {ALERT_WAIT / 60:.0f} simulated minutes", style="red"))
        return None
    question = {"namespace": rig.lab.namespace, "question": "Is anything wrong?"}
    return str((await rig.api.request("POST", "/api/investigations", question))["incidents"][0])


async def _follow(rig: Rig, incident_id: str, options: DemoOptions, screen: Console, result: DemoResult) -> None:
    following = Following(rig, options.answer, screen)
    await following.follow(incident_id)
    result.diagnosis, result.verdict, result.actions = following.diagnosis, following.verdict, following.actions
    result.incident = await rig.api.request("GET", f"/api/incidents/{incident_id}")


def _show_page(rig: Rig, options: DemoOptions, screen: Console, directory: Path) -> None:
    if rig.page is None:
        return
    opened = options.browser and can_open() and open_page(rig.page, directory)
    screen.print(Text(f"the page{' opens in your browser' if opened else ''}: {rig.page}"), soft_wrap=True)


async def _stay(rig: Rig, options: DemoOptions, screen: Console) -> None:
    """Keep the page up until somebody at the terminal has seen enough."""
    if rig.page is not None and not options.quiet and interactive():
        screen.print("the page stays up; press Enter to end the demo")
        await read_line()
