"""The `aiops` command. Modules of commands import lightly at the top and heavily inside, so that `--help` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from aiops.cli.checkpoints import only_known_types

LINKS = ("tools", "faults", "knowledge", "ui")

TRY = "Try it, with a cluster of its own"
LOOK = "Look at your cluster, changing nothing"
READ = "Read recordings, with no cluster"
RUN = "Let it watch your cluster"
MEASURE = "Break things on purpose, and measure"


def _check_links() -> None:
    """The checkout must have symbolic links; a clone without them holds small text files in their place."""
    package = Path(__file__).resolve().parent.parent
    broken = [name for name in LINKS if not (package / name).is_dir()]
    if broken:
        sys.stderr.write(
            f"aiops: {package / broken[0]} is not a folder: the checkout has no symbolic links. "
            "Clone again with 'git clone -c core.symlinks=true' (on Windows: inside WSL).\n"
        )
        raise SystemExit(2)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"aiops {version('aiops')}")
        raise typer.Exit


def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The options of `aiops` itself."""


def build() -> typer.Typer:
    """The command tree."""
    from aiops.cli import (
        ask,
        bench_repeat,
        connect,
        demo,
        detect,
        diagnose,
        evals,
        fault,
        incident,
        lab,
        logs,
        model,
        notify,
        page,
        runbook,
        scan,
        serve,
        watch,
    )

    app = typer.Typer(
        name="aiops",
        help="An operations assistant for Kubernetes: finds root causes, proposes a change, verifies it.",
        epilog="Settings are AIOPS_* variables or keys of aiops.toml. The cluster is the one that kubectl uses, unless "
        "AIOPS_KUBECONFIG or AIOPS_CONTEXT names another.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    app.command("demo", rich_help_panel=TRY)(demo.demo)
    app.command("connect", rich_help_panel=LOOK)(connect.connect)
    app.command("scan", rich_help_panel=LOOK)(scan.scan)
    app.command("ask", rich_help_panel=LOOK)(ask.ask)
    app.command("detect", rich_help_panel=READ)(detect.detect)
    app.add_typer(logs.app, name="logs", rich_help_panel=READ)
    app.command("diagnose", rich_help_panel=READ)(diagnose.diagnose)
    app.command("serve", rich_help_panel=RUN)(serve.serve)
    app.command("watch", rich_help_panel=RUN)(watch.watch)
    app.command("page", rich_help_panel=RUN)(page.page)
    app.add_typer(incident.app, name="incident", rich_help_panel=RUN)
    app.add_typer(runbook.app, name="runbook", rich_help_panel=RUN)
    app.add_typer(notify.app, name="notify", rich_help_panel=RUN)
    app.add_typer(model.app, name="model", rich_help_panel=RUN)
    app.add_typer(lab.app, name="lab", rich_help_panel=MEASURE)
    app.add_typer(fault.app, name="fault", rich_help_panel=MEASURE)
    app.add_typer(bench_repeat.app, name="bench", rich_help_panel=MEASURE)
    app.command("eval", rich_help_panel=MEASURE)(evals.evaluate)
    return app


def main() -> None:
    """Run one command. An error that we raise on purpose is one line on stderr and exit code 2."""
    _check_links()
    only_known_types()
    from aiops.core.errors import AiopsError

    try:
        build()()
    except AiopsError as error:
        from aiops.core.text import visible

        sys.stderr.write(f"aiops: {visible(str(error))}\n")
        raise SystemExit(2) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
