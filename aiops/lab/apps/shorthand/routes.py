"""Routes and calls, from `target route` to variables and routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiops.lab.apps.shorthand.context import Context, Data

_OF_RETRIES = ("budget", "backoff")
_OF_SERVICES = ("breaker",)


def routes_of(context: Context, name: str, runtime: Data) -> Data:
    """The routes of a service; what its runtime says of every route stands where the route says nothing."""
    given = context.mapping(f"services.{name}.routes", context.services[name].get("routes"))
    return {
        route: {**runtime.get("route", {}), **_route(context, f"services.{name}.routes.{route}", value)}
        for route, value in given.items()
    }


def calls_in(routes: Mapping[str, Any]) -> Iterator[Data]:
    """Every call of routes that are written out."""
    for route in routes.values():
        for stage in route.get("calls") or ():
            yield from stage


def _route(context: Context, place: str, value: Any) -> Data:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"cpu_ms": value}
    entry = context.mapping(place, value)
    stages = entry.get("calls") or []
    if not isinstance(stages, list):
        raise context.error(f"{place}.calls", "not a list")
    together = [stage if isinstance(stage, list) else [stage] for stage in stages]
    calls = [
        [_call(context, f"{place}.calls.{number}.{index}", call) for index, call in enumerate(stage)]
        for number, stage in enumerate(together)
    ]
    return {**entry, "calls": calls}


def _call(context: Context, place: str, value: Any) -> Data:
    given = {"call": value} if isinstance(value, str) else context.mapping(place, value)
    name, _, route = str(given.pop("call", "")).partition(" ")
    to = context.address_of(place, name)
    stored = name in context.stores
    known = context.store_program(name).get("routes") if stored else context.services[name].get("routes")
    if route not in (known or {}):
        raise context.error(place, f"{name} has no route {route!r}")
    return {**_common(context, given, stored=stored), **given, "to": to, "route": route}


def _common(context: Context, given: Data, *, stored: bool) -> Data:
    """What the file says of every call, without that which makes no sense for this one."""
    common = context.mapping("defaults.call", context.defaults["call"])
    if not {**common, **given}.get("retries"):
        common = {key: entry for key, entry in common.items() if key not in _OF_RETRIES}
    if stored:
        common = {key: entry for key, entry in common.items() if key not in _OF_SERVICES}
    return common
