"""`aiops fault`: list faults, inject one, take it back, and what was injected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aiops.cli.abort import ABORTED, AbortGuard

if TYPE_CHECKING:
    from aiops.clients.kubernetes import KubernetesClient
    from aiops.core.target import DataPlane

app = typer.Typer(help="Chaos faults: list them, inject one, revert it.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LabDir = Annotated[Path | None, typer.Option("--lab", help="Folder of the lab; else 'lab' in the state folder.")]
Kubeconfig = Annotated[Path | None, typer.Option(help="Act on this cluster instead of the lab.")]
ChaosMesh = Annotated[
    str | None,
    typer.Option(
        "--chaos-mesh", metavar="NAMESPACE", help="Chaos Mesh disturbs --kubeconfig's pods, by objects there."
    ),
]
Journal = Annotated[Path | None, typer.Option(help="Journal of injections; the lab's own by default.")]
JOURNAL = "faults.jsonl"


@app.command("list")
def list_faults(as_json: Json = False) -> None:
    """Every fault, and what it breaks."""
    from rich.table import Table

    from aiops.cli.terminal import console
    from aiops.faults.registry import FAULTS

    faults = [fault.describe() for fault in FAULTS]
    if as_json:
        typer.echo(json.dumps({"faults": faults}))
        return
    table = Table(box=None)
    table.add_column("fault", no_wrap=True)
    table.add_column("mechanism", no_wrap=True)
    table.add_column("what it breaks")
    for fault in faults:
        table.add_row(fault["name"], fault["mechanism"], fault["summary"])
    console().print(table)


@app.command()
def show(name: Annotated[str, typer.Argument(help="A fault of 'aiops fault list'.")], as_json: Json = False) -> None:
    """One fault: what it breaks, who feels it, what cures it, and what is drawn."""
    from aiops.faults.registry import FAULTS

    told = FAULTS.get(name).describe()
    if as_json:
        typer.echo(json.dumps(told))
        return
    for key, value in told.items():
        text = ", ".join(value) if isinstance(value, list) else json.dumps(value) if isinstance(value, dict) else value
        typer.echo(f"{key}: {text}")


@app.command()
def journal(lab: LabDir = None, kubeconfig: Kubeconfig = None, journal: Journal = None, as_json: Json = False) -> None:
    """What was injected, oldest first: what it wrote or disturbed, and whether it was taken back."""
    from aiops.faults.journal import InjectionJournal

    lines = InjectionJournal(_journal(lab, kubeconfig, journal))
    told: list[dict[str, Any]] = [
        {
            "injection": name,
            "fault": fault,
            "reverted": reverted,
            "objects": [str(entity) for entity, _ in lines.originals(name)],
            "disturbances": lines.disturbances(name),
        }
        for name, fault, reverted in lines.injections()
    ]
    if as_json:
        typer.echo(json.dumps({"injections": told}))
        return
    for one in told:
        state = "taken back" if one["reverted"] else "stands"
        below = f", {len(one['disturbances'])} below the API" if one["disturbances"] else ""
        typer.echo(f"{one['injection']}: {state}; {', '.join(one['objects']) or 'no object written'}{below}")


@app.command()
def inject(
    name: Annotated[str, typer.Argument(help="A fault of 'aiops fault list'.")],
    namespace: Annotated[
        str | None, typer.Option(help="Namespace to break; else the main one of the lab's application.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which target and which values are drawn.")] = 0,
    lab: LabDir = None,
    kubeconfig: Kubeconfig = None,
    chaos_mesh: ChaosMesh = None,
    journal: Journal = None,
    hold: Annotated[
        float | None,
        typer.Option("--for", min=1, help="Take it back after so many seconds of wall time, or at Ctrl-C."),
    ] = None,
    abort: Annotated[
        str | None,
        typer.Option("--abort-when", metavar="PROMQL", help="With --for: take it back once this gives anything."),
    ] = None,
    prometheus: Annotated[str | None, typer.Option(metavar="URL", help="Where --abort-when is asked.")] = None,
    objects: Annotated[int | None, typer.Option(min=1, help="Write to so many objects at most.")] = None,
    outside: Annotated[
        bool, typer.Option(help="With --kubeconfig: write also to objects outside of --namespace, such as nodes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Break something in the lab, or in the cluster of --kubeconfig.

    How to revert it is journaled before the change is made. Exits with 3 where --abort-when ended it."""
    from aiops.core.namespace import check_namespace
    from aiops.faults.fence import Fence
    from aiops.faults.injection import inject_drawn
    from aiops.faults.injection import revert as take_back
    from aiops.faults.registry import FAULTS

    place = namespace if namespace is not None else _main_namespace(lab, kubeconfig)
    check_namespace(place)
    guard = AbortGuard.of(abort, prometheus, held=hold is not None)
    fence = Fence(place if kubeconfig and not outside else None, objects)

    async def act() -> dict[str, Any]:
        async with _cluster(lab, kubeconfig) as kube, _plane(kube, lab, kubeconfig, chaos_mesh) as plane:
            path = _journal(lab, kubeconfig, journal)
            injection = await inject_drawn(FAULTS.get(name), kube, path, place, seed, plane, fence)
            found = {**injection.model_dump(mode="json"), "aborted": False}
            if hold is not None:
                typer.echo(f"injected {injection.fault} as {injection.id}; it is taken back in {hold:.0f} s", err=True)
                try:
                    found["aborted"] = await guard.hold(hold)
                finally:
                    await take_back(kube, path, injection.id, plane)
            return found

    result = asyncio.run(act())
    if as_json:
        typer.echo(json.dumps(result))
        raise typer.Exit(ABORTED if result["aborted"] else 0)
    values = ", ".join(f"{key} {value}" for key, value in result["arguments"].items())
    typer.echo(f"injected {result['fault']}: {values}")
    typer.echo(f"take it back: aiops fault revert {result['id']}" if hold is None else "taken back")
    if result["aborted"]:
        typer.echo(f"it was taken back early: --abort-when gave something: {abort}", err=True)
        raise typer.Exit(ABORTED)


@app.command()
def revert(
    injection: Annotated[str, typer.Argument(help="The id that 'aiops fault inject' printed.")],
    lab: LabDir = None,
    kubeconfig: Kubeconfig = None,
    chaos_mesh: ChaosMesh = None,
    journal: Journal = None,
) -> None:
    """Undo an injection from its journal, also after a crash."""
    from aiops.faults.injection import revert as revert_injection

    async def act() -> int:
        async with _cluster(lab, kubeconfig) as kube, _plane(kube, lab, kubeconfig, chaos_mesh) as plane:
            return await revert_injection(kube, _journal(lab, kubeconfig, journal), injection, plane)

    count = asyncio.run(act())
    objects = f"{count} object{'' if count == 1 else 's'} put back"
    typer.echo(f"{injection}: {objects if count else 'nothing to put back'}")


def _main_namespace(lab: Path | None, kubeconfig: Path | None) -> str:
    """The namespace of the lab's application. Raises `InvalidInputError` where another cluster is meant."""
    from aiops.cli.lab_folder import lab_folder
    from aiops.cli.rig import LabAddress
    from aiops.core.errors import InvalidInputError

    if kubeconfig is not None:
        raise InvalidInputError("--namespace: say which namespace of the cluster of --kubeconfig is to be broken")
    return LabAddress.read(lab_folder(lab)).namespace


@asynccontextmanager
async def _cluster(lab: Path | None, kubeconfig: Path | None) -> AsyncIterator[KubernetesClient]:
    from aiops.cli.lab_folder import lab_folder
    from aiops.cli.rig import LabAddress
    from aiops.clients.kubeconfig import load_access
    from aiops.clients.kubernetes import KubernetesClient

    path = kubeconfig or LabAddress.read(lab_folder(lab)).kubeconfig("engineer")
    kube = KubernetesClient.connect(load_access(path), field_manager="kubectl-edit")
    try:
        yield kube
    finally:
        await kube.close()


@asynccontextmanager
async def _plane(
    kube: KubernetesClient, lab: Path | None, kubeconfig: Path | None, chaos_mesh: str | None
) -> AsyncIterator[DataPlane | None]:
    """What is below the Kubernetes API: the lab's, or Chaos Mesh's where its namespace is named."""
    from aiops.cli.lab_folder import lab_folder
    from aiops.cli.rig import LabAddress
    from aiops.faults.planes.chaos_mesh import ChaosMesh as Mesh
    from aiops.faults.planes.lab_plane import LabPlane

    if kubeconfig is not None:
        yield Mesh(kube, chaos_mesh) if chaos_mesh else None
        return
    address = LabAddress.read(lab_folder(lab))
    plane = LabPlane(address.addresses["control"], token=address.admin_token)
    try:
        yield plane
    finally:
        await plane.close()


def _journal(lab: Path | None, kubeconfig: Path | None, journal: Path | None) -> Path:
    """The journal that was named; else the lab's own, or that of the state folder for another cluster."""
    if journal is not None:
        return journal
    from aiops.cli.lab_folder import lab_folder
    from aiops.core.settings import load_settings

    return (load_settings().state_dir if kubeconfig else lab_folder(lab)) / JOURNAL
