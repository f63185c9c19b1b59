"""`aiops connect`: what the assistant can and cannot see, and what it would ask of the cluster."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from aiops.agents.connect.report import ConnectReport, Right
    from aiops.core.settings import Settings


MOST_SHOWN = 10
"""Lines of missing rights that are printed unless all are asked for."""


def connect(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every missing right, and the roles that grant them, however many.")
    ] = False,
) -> None:
    """Show what the assistant can see and do with these credentials, and which rights are missing.

    Only reads, and prints no secret. Exit code 1: a right that reading needs is missing."""
    from aiops.cli.terminal import console
    from aiops.core.settings import load_settings

    report = asyncio.run(_connect(load_settings()))
    if as_json:
        typer.echo(report.model_dump_json())
    else:
        show(report, console(), everything=everything)
    if not report.can_read:
        raise typer.Exit(1)


async def _connect(settings: Settings) -> ConnectReport:
    from dataclasses import replace

    from aiops.agents.connect.connecting import connect as run
    from aiops.cli.contexts import reading_context

    async with reading_context(settings) as ctx:
        return await run(replace(ctx, read_only=settings.read_only))


def show(report: ConnectReport, out: Console, *, everything: bool = False) -> None:
    """The report as lines, then the roles to grant what is missing; where that is much, only how much it is."""
    import yaml
    from rich.text import Text

    from aiops.core.text import visible

    short = not everything and len(_denied(report.rights)) > MOST_SHOWN
    for line in _lines(report, short=short):
        out.print(Text(visible(line)), soft_wrap=True)
    for problem in report.problems:
        out.print(Text.assemble(("not found out: ", "yellow"), visible(problem)))
    if report.grants and not short:
        out.print(Text("\nThis grants what is missing; apply what you agree with:\n", style="bold"))
        out.print(Text(visible(yaml.safe_dump_all([*report.grants], sort_keys=False))), soft_wrap=True)


def _lines(report: ConnectReport, *, short: bool) -> Iterator[str]:
    yield f"{report.server}, version {report.version or 'unknown'}"
    yield f"as {report.user or 'unknown'} (groups: {', '.join(report.groups) or 'unknown'})"
    scope = "every namespace" if report.all_namespaces else "only the namespaces that are set"
    yield f"looks at {scope}: {', '.join(report.namespaces) or 'none could be listed'}"
    yield "changes: refused (AIOPS_READ_ONLY)" if report.read_only else "changes: each one needs an approval"
    for effect, what in (("reads", "reading"), ("changes", "changing")):
        rights = [right for right in report.rights if right.effect == effect]
        yield f"rights for {what}: {sum(right.allowed is True for right in rights)} of {len(rights)}"
        if not short:
            yield from _missing(rights)
    if short:
        yield _much_missing(report)
    for service in report.telemetry:
        state = "reachable" if service.reachable else "NOT reachable" if service.configured else "not configured"
        yield f"{service.name}: {state}, {service.detail}"
        yield from (
            f"  recognised: {one.title}, {one.entities} of kind {one.kind} (by {', '.join(one.labels)})"
            for one in service.recognised
        )
        yield from (f"  absent: {family.name} ({family.used_for})" for family in service.families if not family.there)
    for load in report.load:
        unit = "requests a minute" if load.every_minute else "requests"
        to = f"Kubernetes {load.kubernetes:g}, Prometheus {load.prometheus:g}, Jaeger {load.jaeger:g}"
        yield f"{load.activity}: {to} {unit}"


def _much_missing(report: ConnectReport) -> str:
    missing = sum(right.allowed is False for right in report.rights)
    scope = "; where yours are for some namespaces only, name them in AIOPS_NAMESPACES" if report.all_namespaces else ""
    return f"{missing} rights are missing{scope} (aiops connect --all lists them, and the roles that grant them)"


def _denied(rights: Iterable[Right]) -> dict[tuple[str, str, str], list[Right]]:
    """The denied rights by what they are for, resource and namespace."""
    denied: dict[tuple[str, str, str], list[Right]] = {}
    for right in rights:
        if right.allowed is False:
            denied.setdefault((right.effect, right.resource, right.namespace), []).append(right)
    return denied


def _missing(rights: list[Right]) -> Iterator[str]:
    """The denied rights, one line for each resource."""
    for (_, resource, namespace), group in _denied(rights).items():
        verbs = ", ".join(right.verb for right in group)
        tools = ", ".join(dict.fromkeys(tool for right in group for tool in right.needed_by))
        where = f"in {namespace}" if namespace else "in the whole cluster"
        yield f"  missing: {verbs} {resource} {where} (needed by {tools})"
