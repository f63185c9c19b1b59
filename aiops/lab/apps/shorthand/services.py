"""Services: a program and its workload under one name."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from aiops.lab.apps.model import Program, Workload
from aiops.lab.apps.shorthand.context import Context, Data, variable
from aiops.lab.apps.shorthand.routes import calls_in, routes_of
from aiops.lab.apps.shorthand.stores import credentials

_OWN = ("size", "addresses")
"""Fields of a service beside those of programs and workloads."""


def service_program(context: Context, name: str) -> Data:
    """The program of a service."""
    place, entry = f"services.{name}", context.services[name]
    context.check_keys(place, entry, {*_OWN, *Program.model_fields, *Workload.model_fields})
    runtime = context.runtime(f"{place}.language", entry.get("language"))
    given = {key: deepcopy(value) for key, value in entry.items() if key in Program.model_fields}
    routes = routes_of(context, name, runtime)
    return {
        "image": f"{context.defaults['registry']}/{name}",
        **{key: deepcopy(value) for key, value in runtime.items() if key in Program.model_fields},
        **given,
        "routes": routes,
        "caches": _at(context, f"{place}.caches", given.get("caches")),
        "consumers": [_consumer(context, place, value) for value in given.get("consumers") or ()],
        "pools": {**_pools(context, routes, runtime), **_named_pools(context, place, given.get("pools"))},
    }


def service_workload(context: Context, name: str, programs: Data) -> Data:
    """The workload of a service; `programs` has its own program and those of the stores."""
    place, entry, program = f"services.{name}", context.services[name], programs[name]
    runtime = context.runtime(f"{place}.language", entry.get("language"))
    given = {key: deepcopy(value) for key, value in entry.items() if key in Workload.model_fields}
    addresses, secrets = _needs(context, name, programs)
    way = entry.get("addresses", "env")
    if way not in ("env", "config"):
        raise context.error(f"{place}.addresses", "neither env nor config")
    size = entry.get("size", context.defaults["size"])
    made = {
        "program": name,
        "version": (program.get("versions") or [""])[-1],
        "replicas": context.defaults["replicas"],
        **given,
        "resources": context.resources(place, size, runtime.get("resources"), entry.get("resources")),
    }
    for key, derived in (("env", runtime.get("env") or {}), ("config", {}), ("secrets", secrets)):
        made[key] = {**(addresses if key == way else {}), **derived, **given.get(key, {})}
    return made


def _needs(context: Context, name: str, programs: Data) -> tuple[Data, Data]:
    """(addresses, passwords) of what a service talks to, by variable, in the order of its calls."""
    program = programs[name]
    wanted = [call["to"] for call in calls_in(program["routes"])]
    wanted += [consumer["at"] for consumer in program["consumers"]]
    addresses: Data = {}
    secrets: Data = {}
    for address in dict.fromkeys(wanted):
        target = context.target(address)
        if target is None:
            continue
        entry = context.services.get(target) or context.stores[target]
        running = programs[target] if target in context.services else programs[entry["kind"]]
        host, place = entry.get("service") or target, context.namespace_of(target)
        host = host if place == context.namespace_of(name) else f"{host}.{place}"
        addresses[address] = f"{host}:{entry.get('service_port') or running['port']}"
        if running.get("password_variable"):
            secrets[f"{variable(target)}_PASSWORD"] = {"secret": credentials(target), "key": "password"}
    return addresses, secrets


def _pools(context: Context, routes: Data, runtime: Data) -> Data:
    """The connection pools that a runtime's clients have: to stores as the store's drivers have them."""
    made: Data = {}
    for call in calls_in(routes):
        target = context.target(call["to"])
        kind = context.stores.get(target or "", {}).get("kind")
        pool = context.shared["stores"].get(kind, {}).get("pool") if kind else runtime.get("pool")
        if pool:
            made[call["to"]] = dict(pool)
    return made


def _named_pools(context: Context, place: str, value: Any) -> Data:
    given = context.mapping(f"{place}.pools", value)
    return {context.address_of(f"{place}.pools", target): pool for target, pool in given.items()}


def _at(context: Context, place: str, value: Any) -> Data:
    """Caches; `at` names the store that holds one."""
    made = {}
    for name, cache in context.mapping(place, value).items():
        entry = context.mapping(f"{place}.{name}", cache)
        if entry.get("at"):
            entry["at"] = context.address_of(f"{place}.{name}.at", entry["at"])
        made[name] = entry
    return made


def _consumer(context: Context, place: str, value: Any) -> Data:
    entry = context.mapping(f"{place}.consumers", value)
    return {**entry, "at": context.address_of(f"{place}.consumers.at", entry.get("at"))}
