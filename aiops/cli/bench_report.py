"""`aiops bench report`, `compare` and `serve`: what results tell, and a scenario for agents from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from aiops.cli.bench import INTERRUPTED, App, Cache, HeldOut, app, play
from aiops.cli.bench_scenarios import chosen
from aiops.core.errors import InvalidInputError

__all__ = ["app"]

Result = Annotated[Path, typer.Argument(help="A result of 'aiops bench run --json'.")]

Into = Annotated[Path | None, typer.Option(help="Write the table between its marks in this document.")]


@app.command("watch")
def bench_watch(
    application: Annotated[
        str, typer.Option("--app", help="One of 'aiops lab apps', a file, or random:SERVICES.")
    ] = "hotel",
    seed: Annotated[int, typer.Option(help="Of the world, of innocent changes, and of the faults.")] = 0,
    days: Annotated[
        float, typer.Option(min=0, help="Simulated days without a fault; 7 take a quarter of an hour.")
    ] = 7,
    faults: Annotated[int, typer.Option(min=0, help="Kinds of faults to be seen.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the continuous watch: false alarms over simulated days, and how soon it sees what users feel."""
    from aiops.bench import watching
    from aiops.bench.stage import warmed

    world = warmed(application, seed)
    played = [watching.watched(world, one) for one in watching.scenarios(application, seed, faults)] if faults else []
    seen = [one for one in played if one is not None]
    found = watching.figures(watching.week(world, days, seed) if days else None, seen)
    if as_json:
        typer.echo(json.dumps({"application": application, "seed": seed, **found}))
        return
    for name, value in found.items():
        if name != "cases":
            typer.echo(f"{name}: {value}")


@app.command()
def report(
    files: Annotated[list[Path], typer.Argument(help="Results of 'aiops bench run --json'.")],
    markdown: Annotated[bool, typer.Option(help="Print the table as markdown.")] = False,
    families: Annotated[
        bool, typer.Option("--families", help="Print what each agent localized / mitigated, by family, as markdown.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write the one run as a page that needs no other file.")] = None,
) -> None:
    """Compare agents, one row for each file; or write one run as a page."""
    from aiops.bench.report import as_markdown, families_as_markdown, table
    from aiops.bench.results import read_summary
    from aiops.cli.terminal import console

    summaries = [read_summary(path) for path in files]
    if html is not None:
        _write_page(files, html)
    elif families:
        typer.echo(families_as_markdown(summaries))
    elif markdown:
        typer.echo(as_markdown(summaries))
    else:
        console().print(table(summaries))


@app.command()
def admitted(
    file: Annotated[Path, typer.Argument(help="A result of 'aiops bench admit --json'.")],
    into: Into = None,
) -> None:
    """How many scenarios of each case count, and why the others do not, as a table in markdown."""
    from aiops.bench.admitted import as_markdown, read_cases

    _tell("admitted", as_markdown(read_cases(file)), into)


@app.command()
def likeness(
    application: Annotated[str, typer.Option("--app", help="Where a kind is played; elsewhere if it does not fit.")],
    seed: Annotated[int, typer.Option(min=0, help="What is drawn.")] = 1,
    pairs: Annotated[int, typer.Option(min=1, help="How many of the nearest pairs are listed.")] = 15,
    into: Into = None,
) -> None:
    """Play every kind of fault once, and list those that are most alike in symptoms and fix, as a table in markdown."""
    from aiops.bench.looking import looked_at
    from aiops.bench.portrait.drawing import LOOK, drawn
    from aiops.bench.portrait.likeness import Portrait, as_markdown

    seen = [found for _, found in looked_at(application, seed, LOOK, drawn) if found is not None]
    told = f"Of {len(seen)} kinds, each on `{application}` where it fits, seed {seed}:"
    _tell("likeness", f"{told}\n\n{as_markdown([Portrait.model_validate(each) for each in seen], pairs)}", into)


@app.command()
def scorecard(
    model: Annotated[str, typer.Option(help="The model's name at AIOPS_MODEL_URL.")],
    suite: Annotated[str, typer.Option(help="A suite of 'aiops bench list'.")] = "smoke",
    seeds: Annotated[str, typer.Option(help="Seeds: 3, 0..4 or 1,5,9.")] = "0..4",
    jobs: Annotated[int, typer.Option(min=1, help="Scenarios played at the same time.")] = 2,
    cache: Cache = None,
    into: Into = None,
) -> None:
    """What a model alone with all tools gets right, beside the assistant without a model, as a table in markdown.

    The model is paid for: 'aiops bench run --agent single-loop --only CASE' tries one scenario."""
    import os

    from aiops.bench.agents.loading import agent_of
    from aiops.bench.report import as_markdown
    from aiops.bench.summary import summary

    os.environ["AIOPS_MODEL_NAME"] = model
    entries = {model: agent_of("single-loop").configured(), "supervisor": agent_of("supervisor")}
    scenarios = chosen(suite, None, seeds, None, held_out=False)
    played = {name: play(scenarios, entry, jobs, cache, None) for name, entry in entries.items()}
    if any(len(lines) < len(scenarios) for lines in played.values()):
        raise typer.Exit(INTERRUPTED)
    totals = [{"agent": name, **summary(lines)} for name, lines in played.items()]
    spent = f"{model}: {totals[0]['tokens']} tokens, {totals[0]['cost']} of the currency of AIOPS_MODEL_PRICE_*."
    _tell("scorecard", f"Suite `{suite}`, seeds {seeds}. {spent}\n\n{as_markdown(totals)}", into)


def _tell(name: str, table: str, into: Path | None) -> None:
    from aiops.bench.marks import write_between_marks

    if into is None:
        typer.echo(table)
        return
    write_between_marks(into, name, table)
    typer.echo(f"wrote {into}")


@app.command()
def compare(
    one: Result, other: Result, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Whether the second run is better than the first, scenario by scenario, with intervals."""
    from aiops.bench.compare import compare as compared
    from aiops.bench.compare import comparison_table
    from aiops.bench.results import read_lines
    from aiops.cli.terminal import console

    found = compared(read_lines(one), read_lines(other))
    if as_json:
        typer.echo(json.dumps(found))
        return
    console().print(f"{found['scenarios']} scenarios that count in both")
    console().print(comparison_table(found, one.stem, other.stem))


@app.command()
def serve(
    case: Annotated[str, typer.Argument(help="A fault of 'aiops fault list', or a case without one.")],
    application: App = None,
    seed: Annotated[int, typer.Option(min=0, help="What is drawn.")] = 0,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of 127.0.0.1.")] = 8990,
    output: Annotated[Path | None, typer.Option("--json", help="File for the JSON line and a summary.")] = None,
    minutes: Annotated[int, typer.Option(min=1, help="Wall time after which it ends.")] = 60,
    cache: Cache = None,
    held_out: HeldOut = False,
) -> None:
    """Play one scenario with whoever comes over HTTP or MCP, until they submit, and score them."""
    from aiops.bench.report import progress
    from aiops.bench.results import Results
    from aiops.bench.serving.served import HOST, served
    from aiops.bench.summary import summary

    scenarios = chosen("each", application, str(seed), [case], held_out=held_out)
    results = Results(output) if output is not None else None
    typer.echo(f"the scenario is at http://{HOST}:{port} once something is wrong, MCP at /mcp")
    lines = play(scenarios, served(port), 1, cache, results, limit=minutes * 60.0)
    if results is not None:
        results.finish(lines, {"agent": "served", "suite": "each", "seeds": str(seed), **summary(lines)})
    for line in lines:
        typer.echo(progress(line))


def _write_page(files: list[Path], html: Path) -> None:
    from aiops.bench.page.page import page
    from aiops.bench.results import read_lines, read_summary

    if len(files) != 1:
        raise InvalidInputError("--html: a page tells one run; name one file")
    try:
        html.write_text(page(read_summary(files[0]), read_lines(files[0])), encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"--html: cannot write {html}: {error.strerror or error}") from error
    typer.echo(f"wrote {html}")
