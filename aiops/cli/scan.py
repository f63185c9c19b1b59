"""`aiops scan`: what is unhealthy in a cluster and why, without changing anything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.text import Text

    from aiops.agents.scan.report import ScanFinding, ScanReport
    from aiops.core.settings import Settings

SHOWN = 10
"""Findings that are printed unless all are asked for."""

ALSO_SHOWN = 3
INDENT = 9
COLOURS = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


def scan(
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Only this namespace.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every finding, not only the ten worst.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where something is wrong.")] = False,
) -> None:
    """Say what is unhealthy in the cluster, and why.

    Only reads, and needs nothing but the Kubernetes API; with Prometheus it sees alerts too."""
    from aiops.agents.scan.report import Severity
    from aiops.cli.terminal import console
    from aiops.core.namespace import check_namespace
    from aiops.core.settings import load_settings

    report = asyncio.run(_scan(load_settings(), check_namespace(namespace)))
    if as_json:
        typer.echo(report.model_dump_json())
    else:
        show(report, console(), everything=everything)
    if exit_code and any(finding.severity != Severity.INFO for finding in report.findings):
        raise typer.Exit(1)


async def _scan(settings: Settings, namespace: str) -> ScanReport:
    from aiops.agents.scan.scanning import scan as run
    from aiops.cli.contexts import reading_context

    async with reading_context(settings) as ctx:
        return await run(ctx, namespace)


def show(report: ScanReport, out: Console, *, everything: bool) -> None:
    """The worst findings first, then what was looked at and what was not seen."""
    from rich.text import Text

    from aiops.agents.scan.report import Severity

    chosen = [finding for finding in report.findings if everything or finding.severity != Severity.INFO]
    shown = chosen if everything else chosen[:SHOWN]
    for finding in shown:
        out.print(_finding(finding))
    if not chosen and report.blind:
        out.print(Text("Whether anything is wrong cannot be told: pods could not be seen.", style="yellow"))
    elif not chosen:
        out.print(Text("Nothing is wrong in what could be seen.", style="green"))
    hidden = len(report.findings) - len(shown)
    if hidden:
        out.print(Text(f"{hidden} more: aiops scan --all", style="dim"))
    out.print(Text(_summary(report)))
    for sentence in report.missing:
        out.print(_line("not seen: ", sentence, "yellow"))


def _finding(finding: ScanFinding) -> Group:
    """The sentence, and under it, set in, what goes with it."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from aiops.core.clock import rfc3339
    from aiops.core.text import visible

    notes = [f"since {rfc3339(finding.since)}"] if finding.since is not None else []
    notes += [finding.mechanism.value] if finding.mechanism else []
    notes += [f"{finding.times} times"] if finding.times > 1 else []
    more = len(finding.also) - ALSO_SHOWN
    lines = [finding.detail, ", ".join(notes), *finding.also[:ALSO_SHOWN]]
    lines += [f"and {more} more about it"] if more > 0 else []
    severity = finding.severity.value
    head = Text.assemble((f"{severity:<{INDENT}}", COLOURS[severity]), (visible(finding.title), "bold"))
    below = Text("\n".join(visible(line) for line in lines if line))
    return Group(head, Padding(below, (0, 0, 0, INDENT))) if below else Group(head)


def _summary(report: ScanReport) -> str:
    from aiops.agents.scan.report import Severity

    counts = ", ".join(f"{report.count(severity)} {severity.value}" for severity in Severity)
    seen = ", ".join(f"{count} {kind}" for kind, count in sorted(report.looked_at.items()) if count)
    where = f"namespaces {', '.join(report.namespaces)}" if report.namespaces else "all namespaces"
    return f"\n{counts} in {where}. Looked at {seen} in {report.seconds:.1f} s."


def _line(head: str, text: str, style: str) -> Text:
    from rich.text import Text

    from aiops.core.text import visible

    return Text.assemble((head, style), visible(text))
