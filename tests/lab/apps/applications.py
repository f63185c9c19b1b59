"""Applications for tests, each loaded once a process."""

from __future__ import annotations

from functools import cache

from aiops.lab.apps import Application, load_application
from aiops.lab.apps.data import application_names

NAMES = application_names()
DRAWN = ["random:10:1", "random:30:2", "random:60:7"]

load = cache(load_application)


def own_workloads(application: Application) -> list[str]:
    """The workloads that the platform did not bring."""
    return [name for name in application.workloads if application.namespace_of(name) in application.namespaces]
