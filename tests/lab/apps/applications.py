"""Applications for tests, each loaded once a process."""

from __future__ import annotations

import hashlib
from functools import cache

import orjson

from aiops.lab.apps import Application, load_application
from aiops.lab.apps.data import application_names

NAMES = application_names()
DRAWN = ["random:10:1", "random:30:2", "random:60:7"]

load = cache(load_application)


def digest(name: str, seed: int) -> str:
    """Of everything that an application gives the lab."""
    application = load_application(name, seed=seed)
    shown = orjson.dumps([application.model_dump(mode="json"), application.manifests(now=0.0, seed=1)])
    return hashlib.sha256(shown).hexdigest()


def own_workloads(application: Application) -> list[str]:
    """The workloads that the platform did not bring."""
    return [name for name in application.workloads if application.namespace_of(name) in application.namespaces]
