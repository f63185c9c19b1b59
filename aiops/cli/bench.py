"""`aiops bench`: play scenarios with an agent, and compare agents."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aiops.cli.bench_scenarios import chosen
from aiops.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiops.bench.agents.registry import Entry
    from aiops.bench.line import Line
    from aiops.bench.results import Results
    from aiops.bench.runner import Runner
    from aiops.bench.scenario import Scenario
    from aiops.bench.sharing import Places, SharedRunner

app = typer.Typer(help="The benchmark: inject faults, let an agent resolve them, score it.", no_args_is_help=True)

MOST_JOBS = 64
INTERRUPTED = 130
"""The exit code of a run that somebody interrupted."""

Suite = Annotated[str, typer.Option(help="A suite of 'aiops bench list'.")]
Seeds = Annotated[str, typer.Option(help="Seeds: 3, 0..4 or 1,5,9.")]
Jobs = Annotated[int, typer.Option(min=1, max=MOST_JOBS, help="Scenarios played at the same time.")]
App = Annotated[
    str | None,
    typer.Option("--app", help="Only this one of 'aiops lab apps', a file in its form, or random:SERVICES."),
]
Only = Annotated[list[str] | None, typer.Option(help="Only this case; may be given several times.")]
On = Annotated[str, typer.Option(metavar="here|ray", help="This machine, or a Ray cluster, where --jobs run at once.")]
HeldOut = Annotated[bool, typer.Option("--held-out", help="Allow seeds from 900000 on, for a last measurement.")]
Cache = Annotated[Path | None, typer.Option(help="Folder of remembered admissions; else that of the user's caches.")]


@app.command("list")
def list_parts() -> None:
    """What --suite and --agent can name, and of what scenarios are made."""
    from rich.table import Table

    from aiops.bench.agents.registry import AGENTS
    from aiops.bench.decoys.registry import DECOYS
    from aiops.bench.nofault.registry import NO_FAULTS
    from aiops.bench.suites.registry import SUITES
    from aiops.cli.terminal import console

    table = Table(box=None)
    for column in ("what", "name", "summary"):
        table.add_column(column, no_wrap=column != "summary")
    for what, items in (("suite", SUITES), ("agent", AGENTS), ("no fault", NO_FAULTS), ("decoy", DECOYS)):
        for item in items:
            table.add_row(what, item.name, item.summary)
    console().print(table)


@app.command()
def run(
    suite: Suite = "smoke",
    application: App = None,
    seeds: Seeds = "0..4",
    agent: Annotated[str, typer.Option(help="An agent of 'aiops bench list', or module:Class.")] = "supervisor",
    jobs: Jobs = 2,
    output: Annotated[Path | None, typer.Option("--json", help="File for JSON lines, the summary at its end.")] = None,
    only: Only = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="metrics|traces|logs", help="Nobody answers the agent for it; may be given several times."
        ),
    ] = None,
    cache: Cache = None,
    held_out: HeldOut = False,
    resume: Annotated[bool, typer.Option("--resume", help="Keep what --json holds, and play the rest.")] = False,
    on: On = "here",
) -> None:
    """Play the scenarios of a suite with an agent, and score it. Progress goes to standard error."""
    from aiops.bench.agents.loading import agent_of, name_without
    from aiops.bench.report import by_family, table
    from aiops.bench.results import Results
    from aiops.bench.summary import summary
    from aiops.cli.terminal import console

    scenarios = chosen(suite, application, seeds, only, held_out=held_out)
    agent = name_without(agent, without or [])
    entry, places = agent_of(agent).configured(), _places(on)  # refuse before the file is written anew
    kept = _kept(output, agent, scenarios) if resume else []
    results = Results(output, kept) if output is not None else None
    lines = play(scenarios, entry, jobs, cache, results, kept, places=places)
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
    console().print(by_family(total))
    if not complete:
        raise typer.Exit(INTERRUPTED)


@app.command()
def admit(
    suite: Suite = "smoke",
    application: App = None,
    seeds: Seeds = "0..4",
    jobs: Jobs = 2,
    only: Only = None,
    cache: Cache = None,
    held_out: HeldOut = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: by case, and every scenario.")] = False,
    at_least: Annotated[
        int | None, typer.Option(min=1, help="So many of each case will do: go through seeds until they are found.")
    ] = None,
    on: On = "here",
) -> None:
    """Check which scenarios count: users feel them, no trick cures them, two correct fixes do.

    Exits with 1 where one does not, or with --at-least where a case has fewer that do."""
    from aiops.bench.admitted import admitted_by_case, is_admitted
    from aiops.bench.report import refusals
    from aiops.cli.terminal import console

    scenarios, places = chosen(suite, application, seeds, only, held_out=held_out), _places(on)
    if at_least:
        lines = _until(at_least, scenarios, jobs, cache, places)
    else:
        lines = play(scenarios, None, jobs, cache, None, places=places)
    if as_json:
        typer.echo(json.dumps({"cases": admitted_by_case(lines), "scenarios": lines}))
    else:
        console().print(refusals(lines))
    if at_least:
        _check_enough(lines, scenarios, at_least)
    elif not all(map(is_admitted, lines)):
        raise typer.Exit(1)


def _until(enough: int, scenarios: list[Scenario], jobs: int, cache: Path | None, places: Places | None) -> list[Line]:
    """The lines of as many scenarios of each case, in their order, as it takes to have enough that count."""
    from aiops.bench.admitted import still_to_try

    lines: list[Line] = []
    while left := still_to_try(scenarios, lines, enough):
        found = play(left, None, jobs, cache, None, places=places)
        lines += found
        if len(found) < len(left):
            raise typer.Exit(INTERRUPTED)
    return lines


def _check_enough(lines: list[Line], scenarios: list[Scenario], enough: int) -> None:
    """Exits with 1 where a case has too few scenarios that count."""
    from aiops.bench.admitted import is_admitted

    counts = {scenario.case: 0 for scenario in scenarios}
    for line in lines:
        counts[str(line["case"])] += is_admitted(line)
    few = [f"{case} ({count})" for case, count in sorted(counts.items()) if count < enough]
    typer.echo(f"{len(counts) - len(few)} of {len(counts)} cases have {enough} scenarios that count", err=True)
    if few:
        typer.echo(f"too few: {', '.join(few)}", err=True)
        raise typer.Exit(1)


def _kept(output: Path | None, agent: str, scenarios: list[Scenario]) -> list[Line]:
    """Lines of an earlier run that need not be played again."""
    from aiops.bench.line import head_of
    from aiops.bench.results import lines_to_keep

    if output is None:
        raise InvalidInputError("--resume: name the file of the run that is to go on, with --json")
    return lines_to_keep(output, agent, {scenario.id: head_of(scenario) for scenario in scenarios})


def play(
    scenarios: list[Scenario],
    agent: Entry | None,
    jobs: int,
    cache: Path | None,
    results: Results | None,
    kept: Sequence[Line] = (),
    limit: float | None = None,
    places: Places | None = None,
) -> list[Line]:
    """Play what is not kept, and write each line as it comes. An interrupt keeps what is done; the rest is left out."""
    lines: list[Line] = list(kept)
    done = {line["scenario"] for line in kept}
    runner = _runner(agent, jobs, cache, limit, places)
    try:
        runner.run([one for one in scenarios if one.id not in done], _collector(lines, len(scenarios), results))
    except KeyboardInterrupt:
        sys.stderr.write(f"interrupted: {len(lines)} of {len(scenarios)} scenarios were played\n")
    order = {scenario.id: number for number, scenario in enumerate(scenarios)}
    return sorted(lines, key=lambda line: order[str(line["scenario"])])


def _places(on: str) -> Places | None:
    """Where shares of a run are played; None: nothing leaves this machine. Raises `ConfigurationError` where what that
    takes is not installed."""
    from aiops.bench.on_ray import RayPlaces

    if on not in ("here", "ray"):
        raise InvalidInputError(f"--on: {on!r} is neither 'here' nor 'ray'")
    return RayPlaces() if on == "ray" else None


def _runner(
    agent: Entry | None, jobs: int, cache: Path | None, limit: float | None, places: Places | None
) -> Runner | SharedRunner:
    from aiops.bench.admission_cache import AdmissionCache, default_folder
    from aiops.bench.runner import WALL_LIMIT, Runner
    from aiops.bench.sharing import SharedRunner

    known = AdmissionCache(cache or default_folder())
    if places is None:
        return Runner(agent, known, jobs, limit=limit or WALL_LIMIT)
    return SharedRunner(agent.name if agent else None, known, places, jobs, limit or WALL_LIMIT)


def _collector(lines: list[Line], count: int, results: Results | None) -> Callable[[Line], None]:
    from aiops.bench.report import progress
    from aiops.core.text import visible

    def done(line: Line) -> None:
        lines.append(line)
        sys.stderr.write(f"[{len(lines)}/{count}] {visible(progress(line))}\n")
        if results is not None:
            results.add(line)

    return done
