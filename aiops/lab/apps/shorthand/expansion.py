"""Puts the parts of the short form together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiops.lab.apps.shorthand.context import Context, Data
from aiops.lab.apps.shorthand.machines import machines
from aiops.lab.apps.shorthand.services import service_program, service_workload
from aiops.lab.apps.shorthand.stores import store_programs, store_secrets, store_workload

_SHORT = ("defaults", "services", "stores", "machines")


def expand(own: Mapping[str, Any], shared: Mapping[str, Any], source: str) -> Data:
    """The values of a file without its short form; what it says in full stands first.

    `shared` are the platform's values (see `Context`). Raises `InvalidInputError` naming the place in `source`."""
    context = Context(own, shared, source)
    stored = store_programs(context)
    programs = {name: service_program(context, name) for name in context.services}
    stores = {name: store_workload(context, name) for name in context.stores}
    services = {name: service_workload(context, name, {**stored, **programs}) for name in context.services}
    made = {key: value for key, value in own.items() if key not in _SHORT}
    made["programs"] = {**stored, **programs, **(own.get("programs") or {})}
    made["workloads"] = {**services, **stores, **(own.get("workloads") or {})}
    made["secrets"] = {**store_secrets(context), **(own.get("secrets") or {})}
    if own.get("machines"):
        made["nodes"] = machines(context, own["machines"])
    return made
