"""What the tests of the data plane's parts ask of a plain cluster."""

from __future__ import annotations

from typing import Any

import numpy as np


def set_rate(cluster: Any, rate: float) -> None:
    """From now on users come so often, in requests a second."""
    demand = cluster.traffic.visitors.demand
    demand.application = demand.application.model_copy(update={"rate": rate})


def failing(cluster: Any, seconds: float) -> float:
    """The share of the users' requests that fail in the next `seconds`."""
    users = cluster.traffic.users
    before = users.requests, users.failed
    cluster.run(seconds)
    return float((users.failed - before[1]) / max(users.requests - before[0], 1e-9))


def rows(cluster: Any, program: str) -> list[int]:
    """The rows of a program's processes."""
    return [i for i, process in enumerate(cluster.traffic.flow.graph.processes) if process.name == program]


def calls(cluster: Any, host: str) -> list[int]:
    """The calls to a host."""
    return [i for i, call in enumerate(cluster.traffic.flow.graph.calls) if call.host == host]


def requests_to(cluster: Any, program: str) -> float:
    """The requests that a program got in the last step."""
    flow, found = cluster.traffic.flow, rows(cluster, program)
    return float(flow.requests[np.isin(flow.graph.process, found)].sum())


def break_port(cluster: Any, service: str) -> None:
    """Nobody listens at a Service's target port any more."""
    cluster.edit("Service", service, lambda s: s["spec"]["ports"][0].update(targetPort=9999))


def mend_port(cluster: Any, service: str, port: str) -> None:
    cluster.edit("Service", service, lambda s: s["spec"]["ports"][0].update(targetPort=port))
