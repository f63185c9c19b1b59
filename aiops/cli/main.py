"""The `aiops` command. Modules of commands import lightly at the top and heavily inside, so that `--help` is quick."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

LINKS = ("tools", "faults", "knowledge", "ui")


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


def build() -> typer.Typer:
    """The command tree."""
    from aiops.cli import ask, bench, connect, demo, fault, incident, lab, model, notify, page, runbook, scan, serve

    app = typer.Typer(
        name="aiops",
        help="An operations assistant for Kubernetes: finds root causes, proposes a change, verifies it.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.command("demo")(demo.demo)
    app.command("serve")(serve.serve)
    app.command("page")(page.page)
    app.command("connect")(connect.connect)
    app.command("scan")(scan.scan)
    app.command("ask")(ask.ask)
    app.add_typer(lab.app, name="lab")
    app.add_typer(fault.app, name="fault")
    app.add_typer(incident.app, name="incident")
    app.add_typer(runbook.app, name="runbook")
    app.add_typer(notify.app, name="notify")
    app.add_typer(model.app, name="model")
    app.add_typer(bench.app, name="bench")
    return app


def main() -> None:
    """Run one command. An error that we raise on purpose is one line on stderr and exit code 2."""
    _check_links()
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
