"""`aiops diagnose`: the root cause in a recorded case, with no cluster behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Group

SHOWN = 5
"""Root causes that are printed without --json."""


def diagnose(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A recorded case (docs/cases.md).")],
    many: Annotated[bool, typer.Option("--many", help="Each folder inside DIR is a case.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with --many one object a line.")] = False,
) -> None:
    """Rank where the trouble of a recorded case began, from files alone.

    Exits with 2 where a case cannot be used; with --many the others are done first, and it exits with 1."""
    from aiops.cli.terminal import console

    results = _many(directory) if many else iter([_one(directory)])
    failed = False
    for result in results:
        failed = failed or "error" in result
        if as_json:
            import orjson

            typer.echo(orjson.dumps(result).decode())
        else:
            console().print(_shown(result))
    if failed:
        raise typer.Exit(1)


def _one(directory: Path) -> dict[str, Any]:
    from aiops.evals.cases.diagnosis import diagnose as run

    return run(directory)


def _many(directory: Path) -> Iterator[dict[str, Any]]:
    from aiops.evals.cases.many import diagnose_all

    return diagnose_all(directory)


def _shown(result: dict[str, Any]) -> Group:
    """The verdict and the first root causes with their evidence."""
    from rich.console import Group
    from rich.text import Text

    from aiops.core.text import visible

    if "error" in result:
        return Group(Text(visible(f"{result['case']}: {result['error']}"), style="red"))
    said = "not enough evidence" if result["abstained"] else "fault" if result["fault"] else "no fault"
    lines = [Text(visible(f"{result['case']}: {said}"), style="bold")]
    for place, cause in enumerate(result["root_causes"][:SHOWN], 1):
        what = f" ({cause['mechanism']})" if cause["mechanism"] else ""
        lines.append(Text(visible(f"{place}. {cause['entity']}{what}  {cause['score']:.2f}")))
        lines += [Text(visible(f"     {sentence}"), style="dim") for sentence in cause["evidence"]]
    if result["missing"]:
        lines.append(Text(visible(f"not recorded: {', '.join(result['missing'])}"), style="yellow"))
    return Group(*lines)
