"""`aiops fault`: list faults, inject one, take it back, and what was injected."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aiops.cli.abort import ABORTED, AbortGuard
from aiops.cli.fault_place import Place

if TYPE_CHECKING:
    from aiops.faults.fence import Fence

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

    lines = InjectionJournal(Place(lab, kubeconfig, journal=journal).journal_file())
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
    prometheus: Annotated[
        str | None, typer.Option(metavar="URL", help="Where --abort-when is asked; else the lab's.")
    ] = None,
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

    place = Place(lab, kubeconfig, chaos_mesh, journal)
    broken = namespace if namespace is not None else place.main_namespace()
    check_namespace(broken)
    watched = place.prometheus() if abort is not None and prometheus is None else prometheus
    guard = AbortGuard.of(abort, watched, held=hold is not None)
    fence = Fence(broken if kubeconfig and not outside else None, objects)
    result = asyncio.run(_injected(place, name, broken, seed, fence, guard, hold))
    if as_json:
        typer.echo(json.dumps(result))
        raise typer.Exit(ABORTED if result["aborted"] else 0)
    values = ", ".join(f"{key} {value}" for key, value in result["arguments"].items())
    typer.echo(f"injected {result['fault']}: {values}")
    typer.echo(f"take it back: aiops fault revert {result['id']}" if hold is None else "taken back")
    if result["aborted"]:
        typer.echo(f"it was taken back early: --abort-when gave something: {abort}", err=True)
        raise typer.Exit(ABORTED)


async def _injected(
    place: Place, name: str, namespace: str, seed: int, fence: Fence, guard: AbortGuard, hold: float | None
) -> dict[str, Any]:
    """The injection as JSON. It stands, or was taken back where it is held for some seconds."""
    from aiops.faults.injection import inject_drawn
    from aiops.faults.injection import revert as take_back
    from aiops.faults.registry import FAULTS

    async with place.cluster() as kube, place.plane(kube) as plane:
        path = place.journal_file()
        injection = await inject_drawn(FAULTS.get(name), kube, path, namespace, seed, plane, fence)
        found = {**injection.model_dump(mode="json"), "aborted": False}
        if hold is not None:
            typer.echo(f"injected {injection.fault} as {injection.id}; it is taken back in {hold:.0f} s", err=True)
            try:
                found["aborted"] = await guard.hold(hold)
            finally:
                await take_back(kube, path, injection.id, plane)
        return found


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

    place = Place(lab, kubeconfig, chaos_mesh, journal)

    async def act() -> int:
        async with place.cluster() as kube, place.plane(kube) as plane:
            return await revert_injection(kube, place.journal_file(), injection, plane)

    count = asyncio.run(act())
    changes = f"{count} change{'' if count == 1 else 's'} taken back"
    typer.echo(f"{injection}: {changes if count else 'nothing to take back'}")
