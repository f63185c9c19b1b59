"""Data stores and brokers: a program of the platform, a volume, a password."""

from __future__ import annotations

from base64 import b32encode
from copy import deepcopy
from hashlib import sha256

from aiops.lab.apps.model import Workload
from aiops.lab.apps.shorthand.context import Context, Data

_OWN = ("kind", "size", "storage", "topics")
"""Fields of a store beside those of a workload, `kind` apart, which names the program."""


def store_workload(context: Context, name: str) -> Data:
    """The workload of a store. One with `storage` is a StatefulSet with a claim of that size."""
    place, entry = f"stores.{name}", context.stores[name]
    context.check_keys(place, entry, {*_OWN, *Workload.model_fields})
    program = context.store_program(name)
    common = deepcopy(context.shared["stores"].get(entry["kind"], {}))
    given = {key: value for key, value in entry.items() if key in Workload.model_fields and key != "kind"}
    size = entry.get("size", common.get("size", "small"))
    made: Data = {
        "program": entry["kind"],
        "version": program["versions"][-1],
        "replicas": 1,
        **given,
        "resources": context.resources(place, size, common.get("resources"), entry.get("resources")),
    }
    if program.get("password_variable"):
        key = {"secret": credentials(name), "key": "password"}
        made["secrets"] = {program["password_variable"]: key, **given.get("secrets", {})}
    if "storage" in entry:
        path = (program.get("disk") or {}).get("path")
        if path is None:
            raise context.error(f"{place}.storage", f"{entry['kind']} keeps nothing on a disk")
        made |= {"kind": "StatefulSet", "volumes": {"data": {"path": path, "size": entry["storage"]}}}
    return made


def store_secrets(context: Context) -> Data:
    """The Secrets with the stores' passwords: some password each, the same for a name every time."""
    made: Data = {}
    for name in context.stores:
        if context.store_program(name).get("password_variable"):
            digest = sha256(credentials(name).encode()).digest()
            made[credentials(name)] = {"password": b32encode(digest).decode().lower()[:14]}
    return made


def store_programs(context: Context) -> Data:
    """The platform's programs that the stores run, with the topics of all brokers of a kind."""
    made: Data = {}
    for name, entry in context.stores.items():
        program = made.setdefault(entry["kind"], dict(context.store_program(name)))
        topics = context.mapping(f"stores.{name}.topics", entry.get("topics"))
        if topics:
            program["topics"] = {**program.get("topics", {}), **{topic: value or {} for topic, value in topics.items()}}
    return made


def credentials(store: str) -> str:
    """The Secret with a store's password."""
    return f"{store}-credentials"
