"""Builds an application from plain values, joined with the platform that every application stands on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from aiops.core.errors import InvalidInputError
from aiops.lab.apps.checks import problems
from aiops.lab.apps.data import read_data
from aiops.lab.apps.model import Application
from aiops.lab.apps.promises import promise_rules
from aiops.lab.apps.shorthand import expand

_PLACES = ("programs", "workloads")


def complete_application(own: Mapping[str, Any], source: str) -> Application:
    """An application from the values of its file, which may use the short form (`aiops.lab.apps.shorthand`).

    Raises `InvalidInputError` naming the place in `source`."""
    if not isinstance(own, Mapping):
        raise InvalidInputError(f"{source}: not a mapping")
    platform = read_data("platform")
    made = expand(own, {**platform, **read_data("runtimes")}, source)
    workloads = {**platform["workloads"], **made["workloads"]}
    needed = {entry.get("program") for entry in workloads.values() if isinstance(entry, Mapping)}
    programs = {name: program for name, program in platform["programs"].items() if name in needed}
    groups = [*(own.get("alerts") or {}).get("groups", []), *platform["alerts"]["groups"]]
    data = {"nodes": platform["nodes"], "tls": _tls(own), **made, "programs": {**programs, **made["programs"]}}
    application = build_application({**data, "workloads": workloads, "alerts": {"groups": groups}}, source, own)
    rules = promise_rules(platform["promises"], application.objective, application.operations)
    groups = [{"name": f"{application.name}.slo", "rules": rules}, *groups]
    return application.model_copy(update={"alerts": {"groups": groups}})


def build_application(data: Mapping[str, Any], source: str, own: Mapping[str, Any] | None = None) -> Application:
    """An application from plain values in full. Raises `InvalidInputError` naming the place in `source`; where that has
    `own` values in the short form, the place there."""
    try:
        application = Application.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in _written(first["loc"], own or {}))
        raise InvalidInputError(f"{source}: {place}: {first['msg']}") from error
    for place, problem in problems(application):
        where = ".".join(str(part) for part in _written(tuple(place.split(".")), own or {}))
        raise InvalidInputError(f"{source}: {where}: {problem}")
    return application


def _written(place: tuple[int | str, ...], own: Mapping[str, Any]) -> tuple[int | str, ...]:
    """Where a place of the model stands in the short form: `programs.cart.port` as `services.cart.port`."""
    if len(place) > 1 and place[0] in _PLACES:
        for part in ("services", "stores"):
            if place[1] in (own.get(part) or {}):
                return (part, *place[1:])
    return place


def _tls(own: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate of three months for the host, and the one before, where a file says nothing of certificates."""
    host = str(own.get("host", "example.com"))
    name = f"{host.replace('.', '-')}-tls"
    hosts = sorted({host, *(str(o["host"]) for o in own.get("operations") or () if "host" in o)})
    days = {name: (-34, 56), f"{name}-old": (-123, -33)}
    return {"secret": name, "secrets": {n: {"hosts": hosts, "from_day": a, "to_day": b} for n, (a, b) in days.items()}}
