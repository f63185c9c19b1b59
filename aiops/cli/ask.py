"""`aiops ask`: a question in plain language, answered from the cluster."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from aiops.core.answer import Answer
    from aiops.core.answer import Table as Rows
    from aiops.core.settings import Settings

WIDE = 200
"""Columns of a page that goes to a file or a pipe, which have no edge."""


def ask(
    question: Annotated[list[str], typer.Argument(help="The question, such as: which pods are failing in shop?")],
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", help="The namespace, where the question names none.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Answer a question about the cluster, and say what each sentence rests on.

    Only reads. Exit code 1: it could not be answered."""
    from aiops.cli.terminal import console
    from aiops.core.namespace import check_namespace
    from aiops.core.settings import load_settings

    answer = asyncio.run(_ask(load_settings(), " ".join(question), check_namespace(namespace)))
    if as_json:
        typer.echo(answer.model_dump_json())
    else:
        show(answer, console())
    if not answer.answered:
        raise typer.Exit(1)


async def _ask(settings: Settings, question: str, namespace: str) -> Answer:
    from aiops.agents.ask.answering import answer
    from aiops.cli.contexts import question_fallback, reading_context

    async with reading_context(settings) as ctx, question_fallback(settings) as fallback:
        return await answer(question, ctx, namespace=namespace, fallback=fallback)


def show(answer: Answer, out: Console) -> None:
    """Sentences with the numbers of their citations, tables, and the citations as queries that can be made again."""
    from rich.text import Text

    from aiops.core.text import visible

    if not out.is_terminal:
        out.width = WIDE
    for sentence in answer.sentences:
        cites = f" [{', '.join(sentence.cites)}]" if sentence.cites else ""
        out.print(Text.assemble(visible(sentence.text), (cites, "dim")))
    for rows in answer.tables:
        out.print(_table(rows))
    for citation in answer.citations:
        query = citation.query
        arguments = ", ".join(f"{key}={_argument(value)}" for key, value in query.arguments.items() if value)
        out.print(Text(visible(f"[{citation.id}] {query.tool}({arguments})"), style="dim"), soft_wrap=True)
    if answer.by_model:
        out.print(Text(visible(f"written by {answer.by_model}, {answer.tokens} tokens"), style="dim"))


def _table(rows: Rows) -> Table:
    """Rows as columns of text, folded where they are too wide."""
    from rich.table import Table
    from rich.text import Text

    from aiops.core.text import visible

    table = Table(box=None, pad_edge=False)
    for column in rows.columns:
        table.add_column(Text(visible(column)), overflow="fold")
    for row in rows.rows:
        table.add_row(*(Text(visible(str(cell))) for cell in row))
    return table


def _argument(value: Any) -> str:
    """An argument of a query as a person would write it."""
    from aiops.core.clock import rfc3339

    if isinstance(value, dict) and value.keys() == {"kind", "namespace", "name"}:
        return f"{value['kind']}/{value['namespace']}/{value['name']}"
    if isinstance(value, dict) and value.keys() == {"start", "end"}:
        return f"{rfc3339(value['start'])}..{rfc3339(value['end'])}"
    return str(value)
