"""The applications that have a file of their own, in figures."""

from __future__ import annotations

from aiops.core.model import Value
from aiops.lab.apps.data import application_names
from aiops.lab.apps.loader import load_application
from aiops.lab.apps.model import Application


class Figures(Value):
    """How large an application is. `stores` counts brokers too; `requests_per_second` is its plain rate."""

    name: str
    services: int
    stores: int
    nodes: int
    namespaces: int
    requests_per_second: float


def listed() -> list[Figures]:
    """Every application, by name."""
    return [figures(name, load_application(name)) for name in application_names()]


def figures(name: str, application: Application) -> Figures:
    """One application's figures, without what the platform brings."""
    own = [n for n in application.workloads if application.namespace_of(n) in application.namespaces]
    roles = [
        application.programs[application.workloads[n].program].role
        for n in own
        if application.workloads[n].kind not in ("Job", "CronJob")
    ]
    return Figures(
        name=name,
        services=roles.count("service"),
        stores=roles.count("store") + roles.count("queue"),
        nodes=len(application.nodes),
        namespaces=len(application.namespaces),
        requests_per_second=application.rate,
    )
