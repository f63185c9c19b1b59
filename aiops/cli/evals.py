"""`aiops eval`: measure on a public data set, with what others reach beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

LIST = "list"


def evaluate(
    name: Annotated[str, typer.Argument(help="The evaluation; 'list' prints them.")],
    data: Annotated[Path | None, typer.Option(help="Folder with the data set.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure on a public data set, with published, random and naive figures beside ours."""
    from aiops.cli.terminal import console
    from aiops.core.errors import InvalidInputError

    if name == LIST:
        console().print(_known())
        return
    if data is None:
        raise InvalidInputError("--data DIR is missing: the folder that holds the data set")
    from aiops.evals.running import run

    result = run(name, data)
    if as_json:
        import orjson

        typer.echo(orjson.dumps(result, option=orjson.OPT_SERIALIZE_NUMPY).decode())
    else:
        console().print(_table(result))


def _known() -> Table:
    from rich.table import Table

    from aiops.evals.registry import EVALUATIONS

    table = Table("name", "summary", "published at", box=None)
    for item in EVALUATIONS:
        table.add_row(item.name, item.summary, item.published_at)
    return table


def _table(result: dict[str, Any]) -> Table:
    """Figures of ours, and in further columns those of others that have the same names."""
    from rich.table import Table

    ours = result["ours"]
    others = [
        key for key, value in result.items() if key != "ours" and isinstance(value, dict) and set(value) & set(ours)
    ]
    table = Table("figure", "ours", *others, box=None, title=f"{result['eval']} (data {result['data']['version']})")
    for figure, value in ours.items():
        table.add_row(figure, _shown(value), *(_shown(result[key].get(figure)) for key in others))
    return table


def _shown(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
