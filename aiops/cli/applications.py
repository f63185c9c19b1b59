"""How commands name the application in a lab."""

from __future__ import annotations

from typing import Annotated

import typer

from aiops.core.errors import InvalidInputError

DEFAULT = "hotel"
_RANDOM, _SERVICES = "random", 30

ApplicationOption = Annotated[
    str,
    typer.Option("--app", help="One of 'aiops lab apps', a file in its form, or random (random:60 has 60 services)."),
]
ServicesOption = Annotated[
    int | None, typer.Option("--services", help="How many services --app random has, 10 to 400.")
]


def application_name(application: str, services: int | None) -> str:
    """The name under which the lab knows an application. Raises `InvalidInputError` for services that nobody draws."""
    if application == _RANDOM:
        return f"{_RANDOM}:{services or _SERVICES}"
    if services is not None:
        raise InvalidInputError(f"--services is for --app {_RANDOM}; {application!r} has those that it has")
    return application
