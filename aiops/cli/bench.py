"""`aiops bench`: play scenarios with an agent, and compare agents."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aiops.cli.applications import DEFAULT
from aiops.core.errors import InvalidInputError
from aiops.core.text import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiops.bench.line import Line
    from aiops.bench.results import Results
    from aiops.bench.scenario import Scenario

app = typer.Typer(help="The benchmark: inject faults, let an agent resolve them, score it.", no_args_is_help=True)

MOST_JOBS = 64
MOST_SEEDS = 1000
MOST_DIGITS = 18
SEEDS = re.compile(rf"([0-9]{{1,{MOST_DIGITS}}})(?:\.\.([0-9]{{1,{MOST_DIGITS}}}))?")
INTERRUPTED = 130
"""The exit code of a run that somebody interrupted."""

Suite = Annotated[str, typer.Option(help="A suite of 'aiops bench list'.")]
Seeds = Annotated[str, typer.Option(help="Seeds: 3, 0..4 or 1,5,9.")]
Jobs = Annotated[int, typer.Option(min=1, max=MOST_JOBS, help="Scenarios played at the same time.")]
App = Annotated[str, typer.Option("--app", help="One of 'aiops lab apps', a file in its form, or random:SERVICES.")]
Only = Annotated[list[str] | None, typer.Option(help="Only this case; may be given several times.")]
Cache = Annotated[Path | None, typer.Option(help="Folder of remembered admissions; else that of the user's caches.")]


@app.command("list")
def list_parts() -> None:
    """What --suite and --agent can name, and of what scenarios are made."""
    from rich.table import Table

    from aiops.bench.agents.registry import AGENTS
    from aiops.bench.decoys.registry import DECOYS
    from aiops.bench.nofault.registry import NO_FAULTS
    from aiops.bench.suites import SUITES
    from aiops.cli.terminal import console

    table = Table(box=None)
    for column in ("what", "name", "summary"):
        table.add_column(column, no_wrap=column != "summary")
    for name, suite in sorted(SUITES.items()):
        table.add_row("suite", name, (suite.__doc__ or "").strip())
    for what, items in (("agent", AGENTS), ("no fault", NO_FAULTS), ("decoy", DECOYS)):
        for item in items:
            table.add_row(what, item.name, item.summary)
    console().print(table)


@app.command()
def run(
    suite: Suite = "smoke",
    application: App = DEFAULT,
    seeds: Seeds = "0..4",
    agent: Annotated[str, typer.Option(help="An agent of 'aiops bench list'.")] = "supervisor",
    jobs: Jobs = 2,
    output: Annotated[Path | None, typer.Option("--json", help="File for JSON lines, the summary at its end.")] = None,
    only: Only = None,
    cache: Cache = None,
) -> None:
    """Play the scenarios of a suite with an agent, and score it. Progress goes to standard error."""
    from aiops.bench.agents.registry import AGENTS
    from aiops.bench.report import table
    from aiops.bench.results import Results
    from aiops.bench.summary import summary
    from aiops.cli.terminal import console

    scenarios = _chosen(suite, application, seeds, only)
    AGENTS.get(agent)  # refuses an unknown one before the file is written anew
    results = Results(output) if output is not None else None
    lines = _play(scenarios, agent, jobs, cache, results)
    complete = len(lines) == len(scenarios)
    total = {
        "agent": agent,
        "suite": suite,
        "application": application,
        "seeds": seeds,
        "complete": complete,
        **summary(lines),
    }
    if results is not None:
        results.finish(lines, total)
    console().print(table([total]))
    if not complete:
        raise typer.Exit(INTERRUPTED)


@app.command()
def admit(
    suite: Suite = "smoke",
    application: App = DEFAULT,
    seeds: Seeds = "0..4",
    jobs: Jobs = 2,
    only: Only = None,
    cache: Cache = None,
) -> None:
    """Check which scenarios count: users feel them, no trick cures them, two correct fixes do.

    Exits with 1 where one does not."""
    from aiops.bench.report import refusals
    from aiops.cli.terminal import console

    lines = _play(_chosen(suite, application, seeds, only), None, jobs, cache, None)
    console().print(refusals(lines))
    if not all(line["admitted"] and line["error"] is None for line in lines):
        raise typer.Exit(1)


@app.command()
def report(
    files: Annotated[list[Path], typer.Argument(help="Results of 'aiops bench run --json'.")],
    markdown: Annotated[bool, typer.Option(help="Print the table as markdown.")] = False,
) -> None:
    """Compare agents, one row for each file."""
    from aiops.bench.report import as_markdown, table
    from aiops.bench.results import read_summary
    from aiops.cli.terminal import console

    summaries = [read_summary(path) for path in files]
    if markdown:
        typer.echo(as_markdown(summaries))
    else:
        console().print(table(summaries))


def parse_seeds(text: str) -> list[int]:
    """`3`, `0..4` or `1,5,9`, each seed once. Raises `InvalidInputError`."""
    seeds: dict[int, None] = {}
    for part in text.split(","):
        found = SEEDS.fullmatch(part.strip())
        if found is None:
            said = cut(part, MOST_DIGITS)
            raise InvalidInputError(f"--seeds: {said!r} is neither a number of up to {MOST_DIGITS} digits nor a range")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first or last - first >= MOST_SEEDS:
            raise InvalidInputError(f"--seeds: {part!r} must run upwards, over at most {MOST_SEEDS} seeds")
        seeds.update(dict.fromkeys(range(first, last + 1)))
        if len(seeds) > MOST_SEEDS:
            raise InvalidInputError(f"--seeds: more than {MOST_SEEDS} seeds in all")
    return list(seeds)


def _chosen(suite: str, application: str, seeds: str, only: list[str] | None) -> list[Scenario]:
    from aiops.bench.suites import scenarios_of
    from aiops.core.errors import UnknownNameError

    scenarios = scenarios_of(suite, parse_seeds(seeds), application)
    cases = {scenario.case for scenario in scenarios}
    for name in only or ():
        if name not in cases:
            raise UnknownNameError("case", name, cases)
    return [scenario for scenario in scenarios if not only or scenario.case in only]


def _play(
    scenarios: list[Scenario], agent: str | None, jobs: int, cache: Path | None, results: Results | None
) -> list[Line]:
    """Play, and write each line as it comes. An interrupt keeps what is done; the rest is left out."""
    from aiops.bench.admission_cache import AdmissionCache, default_folder
    from aiops.bench.runner import Runner

    lines: list[Line] = []
    runner = Runner(agent, AdmissionCache(cache or default_folder()), jobs)
    try:
        runner.run(scenarios, _collector(lines, len(scenarios), results))
    except KeyboardInterrupt:
        sys.stderr.write(f"interrupted: {len(lines)} of {len(scenarios)} scenarios were played\n")
    order = {scenario.id: number for number, scenario in enumerate(scenarios)}
    return sorted(lines, key=lambda line: order[str(line["scenario"])])


def _collector(lines: list[Line], count: int, results: Results | None) -> Callable[[Line], None]:
    from aiops.bench.report import progress
    from aiops.core.text import visible

    def done(line: Line) -> None:
        lines.append(line)
        sys.stderr.write(f"[{len(lines)}/{count}] {visible(progress(line))}\n")
        if results is not None:
            results.add(line)

    return done
